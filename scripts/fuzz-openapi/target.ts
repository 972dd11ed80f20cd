import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startBroker } from '../../local/stack/broker.ts';
import type { Cleanup } from '../../local/stack/cleanup.ts';
import { settleAll } from '../../local/stack/settle.ts';
import { createStack, type Stack } from '../../local/stack/stack.ts';
import { build } from '../build.ts';
import { deployed } from '../bundle-options.ts';

/** A broker to be fuzzed, with the stack behind it. */
export type Target = {
  readonly broker: string;
  readonly control: string;
  /** What the broker has printed. */
  readonly lines: readonly string[];
};

const root = join(import.meta.dirname, '../..');

/**
 * No caller sends more than that; a machine that is busy is no fault of the broker's; and in the log there would be no trail to read.
 */
const changes = {
  rateLimit: { perSecond: 10_000, burst: 100_000 },
  requestTimeout: '30s',
  upstreamTimeout: '20s',
  audit: { sink: 'table' },
};

/**
 * Builds the app, and starts it on a stack of its own, on any free ports. Its callers have no limit to speak of, and its timer fires each second:
 * it serves, and each rotation has its record, when this resolves.
 */
export async function openTarget(cleanup: Cleanup): Promise<Target> {
  const [stack] = await settleAll([openStack(cleanup), build()]);
  // A copy: whatever is built meanwhile, this is what runs.
  const app = join(stack.directory, 'app');
  await Promise.all(deployed.map((file) => cp(join(root, file), join(app, file))));
  const { file, subscriptions } = await writeConfig(stack);
  const watch = watchLines(subscriptions);
  const broker = await startBroker(
    {
      root: app,
      port: 0,
      settings: { ...stack.settings, BROKER_CONFIG: file, ROTATION_SCHEDULE: '* * * * * *' },
      onEnd: (how) => watch.onEnd(`The broker ended by itself (${how}).`),
      onLine: watch.onLine,
    },
    cleanup,
  );
  await watch.moved;
  await untilReady(broker.url);
  return { broker: broker.url, control: stack.ready().control, lines: watch.lines };
}

/** Keeps what the broker prints. @returns `moved` resolves when it has told of a step of each subscription. */
function watchLines(subscriptions: readonly string[]) {
  const lines: string[] = [];
  const unmoved = new Set(subscriptions);
  const { promise: moved, resolve, reject } = Promise.withResolvers<void>();
  moved.catch(() => {});
  const onLine = (line: string) => {
    lines.push(line);
    const name = /"rotation-step","subscription":"([^"]*)"/.exec(line)?.[1];
    if (name !== undefined && unmoved.delete(name) && unmoved.size === 0) resolve();
  };
  const onEnd = (told: string) => {
    lines.push(told);
    reject(new Error(told));
  };
  return { lines, moved, onLine, onEnd };
}

async function openStack(cleanup: Cleanup): Promise<Stack> {
  const stack = await createStack({ ports: { control: 0, gateways: [0, 0] } });
  cleanup.add(() => stack.close());
  return stack;
}

async function writeConfig({ configFile, directory }: Stack): Promise<{ file: string; subscriptions: string[] }> {
  const config: { broker: object; subscriptions: object } = JSON.parse(await readFile(configFile, 'utf8'));
  const file = join(directory, 'fuzz.config.json');
  await writeFile(file, JSON.stringify({ ...config, broker: { ...config.broker, ...changes } }));
  return { file, subscriptions: Object.keys(config.subscriptions) };
}

/** Asked until it can serve: each time costs it a load of what is missing. */
async function untilReady(broker: string): Promise<void> {
  for (let time = 0; time < 20; time += 1) {
    if ((await fetch(`${broker}/readyz`)).ok) return;
  }
  throw new Error('The broker does not become ready.');
}
