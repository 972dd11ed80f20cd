import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startBroker } from '../../local/stack/broker.ts';
import type { Cleanup } from '../../local/stack/cleanup.ts';
import { settleAll } from '../../local/stack/settle.ts';
import { createStack, type Stack } from '../../local/stack/stack.ts';
import { build } from '../build.ts';

/** A broker to be fuzzed, with the stack behind it. */
export type Target = {
  readonly broker: string;
  readonly control: string;
  /** What the broker has printed. */
  readonly lines: readonly string[];
};

const root = join(import.meta.dirname, '../..');
/** All that is deployed, but for the configuration. */
const deployed = ['package.json', 'host.json', 'dist/main.cjs'];

/** Builds the app, and starts it on a stack of its own, on any free ports. Its callers have no limit to speak of. */
export async function openTarget(cleanup: Cleanup): Promise<Target> {
  const [stack] = await settleAll([openStack(cleanup), build()]);
  // A copy: whatever is built meanwhile, this is what runs.
  const app = join(stack.directory, 'app');
  await Promise.all(deployed.map((file) => cp(join(root, file), join(app, file))));
  const lines: string[] = [];
  const broker = await startBroker(
    {
      root: app,
      port: 0,
      settings: { ...stack.settings, BROKER_CONFIG: await writeConfig(stack) },
      onEnd: (how) => lines.push(`The broker ended by itself (${how}).`),
      onLine: (line) => lines.push(line),
    },
    cleanup,
  );
  await untilReady(broker.url);
  return { broker: broker.url, control: stack.ready().control, lines };
}

async function openStack(cleanup: Cleanup): Promise<Stack> {
  const stack = await createStack({ ports: { control: 0, gateways: [0, 0] } });
  cleanup.add(() => stack.close());
  return stack;
}

async function writeConfig({ configFile, directory }: Stack): Promise<string> {
  const config: { broker: object } = JSON.parse(await readFile(configFile, 'utf8'));
  const broker = { ...config.broker, rateLimit: { perSecond: 10_000, burst: 100_000 } };
  const file = join(directory, 'fuzz.config.json');
  await writeFile(file, JSON.stringify({ ...config, broker }));
  return file;
}

/** Asked until it can serve: each time costs it a load of what is missing. */
async function untilReady(broker: string): Promise<void> {
  for (let time = 0; time < 20; time += 1) {
    if ((await fetch(`${broker}/readyz`)).ok) return;
  }
  throw new Error('The broker does not become ready.');
}
