import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { startBroker } from '../../local/stack/broker.ts';
import type { Run } from '../../local/stack/run.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Pace } from './pace.ts';
import type { Scene } from './scene.ts';
import { readWeight, type Weight } from './weight.ts';

/** One instance of the broker, in a process of its own. */
export type Instance = {
  readonly url: string;
  /** From a kill until it serves again. */
  readonly isAway: () => boolean;
  /** How often it was killed. */
  readonly deaths: () => number;
  /** Kills it, waits, and starts it again. */
  readonly kill: (awayMs: number) => Promise<void>;
};

type Dependencies = {
  clock: Clock;
  pace: Pick<Pace, 'pause'>;
  onLine: (line: string) => void;
  onWeight: (weight: Weight) => void;
};
type Options = { scene: Pick<Scene, 'app' | 'settings'>; run: Pick<Run, 'cleanup' | 'fail'>; weighEveryMs: number };

const probe = pathToFileURL(join(import.meta.dirname, 'probe.ts')).href;

/** Starts two: the first is weighed and never killed. */
export async function startInstances(
  { clock, pace, onLine, onWeight }: Dependencies,
  { scene: { app, settings }, run: { cleanup, fail }, weighEveryMs }: Options,
): Promise<[Instance, Instance]> {
  const readLine = (line: string): void => {
    const weight = readWeight(line, clock.monotonic());
    if (weight) onWeight(weight);
    else onLine(line);
  };
  const start = async (own: Readonly<Record<string, string>>): Promise<Instance> => {
    const onEnd = (how: string): void => fail(`An instance of the broker ended by itself (${how}).`);
    const given = { root: app, port: 0, settings: { ...settings, ...own }, onLine: readLine, onEnd };
    const broker = await startBroker(given, cleanup);
    let [isAway, deaths] = [false, 0];
    return {
      url: broker.url,
      isAway: () => isAway,
      deaths: () => deaths,
      kill: async (awayMs) => {
        [isAway, deaths] = [true, deaths + 1];
        await broker.kill();
        await pace.pause(awayMs);
        await broker.restart();
        isAway = false;
      },
    };
  };
  const first = await start({
    NODE_OPTIONS: `--import ${probe}?every=${weighEveryMs} --disable-warning=ExperimentalWarning`,
  });
  return [first, await start({})];
}
