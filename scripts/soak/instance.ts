import { startBroker, type Broker } from '../../local/stack/broker.ts';
import type { Cleanup } from '../../local/stack/cleanup.ts';

/** One instance of the broker, in a process of its own. */
export type Instance = {
  readonly url: string;
  /** From a kill until it serves again. */
  isAway(): boolean;
  /** How often it was killed. */
  deaths(): number;
  /** Kills it, waits, and starts it again. */
  kill(awayMs: number): Promise<void>;
};

type Options = {
  readonly root: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly onLine: (line: string) => void;
  readonly onEnd: (how: string) => void;
  readonly pause: (ms: number) => Promise<void>;
};

export async function startInstance({ pause, ...options }: Options, cleanup: Cleanup): Promise<Instance> {
  const broker: Broker = await startBroker({ ...options, port: 0 }, cleanup);
  let [isAway, deaths] = [false, 0];
  return {
    url: broker.url,
    isAway: () => isAway,
    deaths: () => deaths,
    kill: async (awayMs) => {
      if (isAway) return;
      [isAway, deaths] = [true, deaths + 1];
      await broker.kill();
      await pause(awayMs);
      await broker.restart();
      isAway = false;
    },
  };
}
