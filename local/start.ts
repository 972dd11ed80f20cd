import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from '../scripts/build.ts';
import { readArguments, readPort, refuseArguments } from './stack/arguments.ts';
import { startBroker } from './stack/broker.ts';
import type { Cleanup } from './stack/cleanup.ts';
import { keepUploaded } from './stack/keep-uploaded.ts';
import { choosePort, wantPort } from './stack/ports.ts';
import { describeReady } from './stack/ready.ts';
import { runUntilStopped } from './stack/run.ts';
import { settleAll } from './stack/settle.ts';
import { createStack } from './stack/stack.ts';
import type { Stack } from './stack/stack.ts';

const usage = `Usage: npm start [-- --port 7071] [--config FILE] [--blob] [--json]

Builds the broker and starts it against a complete local stack: stand-ins for Entra, Key Vault and API
Management, and Azurite for Table Storage. Everything listens on 127.0.0.1. Ctrl-C ends it all.

  --port PORT  where the broker listens. 7071 unless that is in use; 0 takes any free port
  --config FILE  the broker's configuration instead of the sample's; names in it must be those of the stand-ins
  --blob         has the broker read its configuration from a blob, to which FILE, or the sample's, is uploaded each time that it is saved
  --json       prints one line of JSON when all is ready, and nothing else on stdout
  --help

How to steer it: docs/local-stack.md
`;

const { values, positionals } = readArguments(
  () =>
    parseArgs({
      options: {
        port: { type: 'string' },
        config: { type: 'string' },
        blob: { type: 'boolean' },
        json: { type: 'boolean' },
        help: { type: 'boolean' },
      },
      allowPositionals: true,
    }),
  usage,
);
if (positionals.length > 0) refuseArguments('This command takes options alone.');
const wanted = wantPort(readPort(values.port), 7071);
const root = join(import.meta.dirname, '..');

await runUntilStopped(async ({ cleanup, signal, fail }) => {
  const port = await choosePort(wanted);
  const [stack] = await settleAll([openStack(cleanup), build()]);
  signal.throwIfAborted();
  const onEnd = (how: string): void => fail(`The broker ended by itself (${how}).`);
  const settings = await settingsWith(stack, cleanup);
  const broker = await startBroker({ root, port, settings, isSignInOn: true, onEnd }, cleanup);
  stack.announce(broker.url, settings);
  const ready = stack.ready();
  process.stdout.write(values.json ? `${JSON.stringify(ready)}\n` : describeReady(ready));
});

async function settingsWith({ settings, configFile, configBlob }: Stack, cleanup: Cleanup): Promise<Stack['settings']> {
  const file = values.config === undefined ? configFile : resolve(values.config);
  if (!configBlob) return { ...settings, BROKER_CONFIG: file };
  await keepUploaded(file, configBlob, { cleanup, tell: (line) => process.stderr.write(`${line}\n`) });
  return settings;
}

async function openStack(cleanup: Cleanup): Promise<Stack> {
  const stack = await createStack({ awaitsBroker: true, configBlob: values.blob ?? false });
  cleanup.add(() => stack.close());
  return stack;
}
