import { AsyncLocalStorage } from 'node:async_hooks';
import { enableCompileCache, flushCompileCache } from 'node:module';
import { tmpdir } from 'node:os';
import type { Broker } from './broker.ts';
import { systemClock, type Clock } from './clock.ts';
import { readUserId } from './config/user-id.ts';
import { allMethods } from './http/methods.ts';
import { toTimestamp } from './names.ts';
import { privateFolder } from './private-folder.ts';

export { allMethods };

/** The broker is a file of its own, eleven times as large as the triggers': it is read once they are registered and the host knows of them. */
export type BrokerLoading = {
  /** Gives the broker to `use`: at once where it is loaded, or when it is. Rejects where it cannot be loaded. */
  readonly withBroker: <T>(use: (broker: Broker) => Promise<T>) => Promise<T>;
  /** Begins to load it, unless somebody asks for it sooner. */
  readonly loadSoon: () => void;
};

type Dependencies = {
  readonly clock: Clock;
  readonly load: () => Promise<Broker>;
  readonly tell: (line: string) => void;
};

/**
 * Once the start hooks are done, the host asks for the functions, and then takes 100 ms and more to index them and to open their routes. Loading
 * takes the worker about as long, and it can do nothing else meanwhile: it is to begin when that question has been answered.
 */
const pauseMs = 20;

/** What the broker starts as it is built belongs to no request, and to the trace of none. */
const ofNoRequest = AsyncLocalStorage.snapshot();

/** Loads the broker once. Where that fails, the next who asks tries again: the first failure is told in full, and the host logs each. */
export function createBrokerLoading({ clock, load, tell }: Dependencies): BrokerLoading {
  let loaded: Broker | undefined;
  let loading: Promise<Broker> | undefined;
  let hasFailed = false;

  const loadOnce = async (): Promise<Broker> => {
    try {
      return (loaded = await ofNoRequest(load));
    } catch (error) {
      loading = undefined;
      if (!hasFailed) tellFailure(error);
      hasFailed = true;
      throw error;
    }
  };
  const tellFailure = (error: unknown) => {
    const told = error instanceof Error ? (error.stack ?? error.message) : typeof error;
    const text = `The broker cannot be loaded, and answers nothing. Deploy the whole package again.\n${told}`;
    for (const line of text.split('\n')) tell(`${toTimestamp(clock.wall())} error ${line}`);
  };
  const whenLoaded = () => (loading ??= loadOnce());

  return {
    withBroker: (use) => (loaded ? use(loaded) : whenLoaded().then(use)),
    loadSoon: () => {
      // Whoever asks is answered by the failure; on the console it stands already.
      clock.after(pauseMs, () => void whenLoaded().catch(() => {}));
    },
  };
}

/** After the first requests, whose functions are compiled by then. */
const keepCompiledAfterMs = 10_000;

/**
 * Loads it by what a worker before this one on the same machine has compiled, and leaves that to the next, in a folder of temporary files, where
 * there is code alone. Without such a folder, or where what was compiled is of other code, it makes no difference. Node.js's own would be shared by all users, and
 * what stands there is run: only its source is compared, by a checksum.
 */
async function loadCompiled(): Promise<Broker> {
  const folder = privateFolder(tmpdir(), 'token-broker-compiled', readUserId());
  if (folder !== undefined) {
    enableCompileCache(folder);
    systemClock.after(keepCompiledAfterMs, flushCompileCache);
  }
  return (await import('./broker.ts')).broker();
}

export const { withBroker, loadSoon } = createBrokerLoading({
  clock: systemClock,
  load: loadCompiled,
  tell: (line) => console.error(line),
});
