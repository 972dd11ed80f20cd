import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readArguments, refuseArguments } from './stack/arguments.ts';
import { startHostStorage } from './stack/host-storage.ts';
import { checkLocalSettings, writeLocalSettings } from './stack/local-settings.ts';
import { describeReady } from './stack/ready.ts';
import { runUntilStopped } from './stack/run.ts';
import { createStack } from './stack/stack.ts';

const usage = `Usage: npm run stack [-- --json] [--settings FILE]

Starts the stand-ins alone, and writes local.settings.json, so that func start or another Functions host
runs the built broker (npm run build) against them. Ctrl-C ends it all and removes the file.

  --json           prints one line of JSON when all is ready, and nothing else on stdout
  --settings FILE  where the settings are written, instead of local.settings.json
  --help

How to steer it: docs/local-stack.md
`;

const { values, positionals } = readArguments(
  () =>
    parseArgs({
      options: {
        json: { type: 'boolean' },
        settings: { type: 'string', default: join(import.meta.dirname, '../local.settings.json') },
        help: { type: 'boolean' },
      },
      allowPositionals: true,
    }),
  usage,
);
if (positionals.length > 0) refuseArguments('This command takes options alone.');

await runUntilStopped(async ({ cleanup }) => {
  checkLocalSettings(values.settings);
  const stack = await createStack();
  cleanup.add(() => stack.close());
  const connectionString = await startHostStorage(stack.directory, cleanup);
  writeLocalSettings(values.settings, { AzureWebJobsStorage: connectionString, ...stack.settings }, cleanup);
  process.stdout.write(values.json ? `${JSON.stringify(stack.ready())}\n` : describeReady(stack.ready()));
});
