import type { Clock } from '../clock.ts';
import { untilAborted, withDeadline } from '../deadline.ts';
import { BrokerError, type Reason } from '../errors.ts';

/** What came of a look. */
export type Seen<T> =
  | { readonly kind: 'seen'; readonly value: T }
  | { readonly kind: 'failed'; readonly error: BrokerError }
  | { readonly kind: 'skipped'; readonly because: string };

export type Look = {
  /**
   * Looks once, when it is its turn. Never throws.
   *
   * @param reason of the failure when the time for one look is up.
   * @param requests how many requests the look takes in a row. Default 1.
   */
  at<T>(reason: Reason, see: (signal: AbortSignal) => Promise<T>, requests?: number): Promise<Seen<T>>;
};

type Options = {
  clock: Clock;
  /** When one request is given up, in milliseconds. */
  upstreamTimeoutMs: number;
  /** Ends the examination: what was not reached by then is skipped. */
  signal: AbortSignal;
};

/** How many looks are taken at once: an examination is not to be what throttles the broker. */
const concurrency = 8;

export function createLook({ clock, upstreamTimeoutMs, signal }: Options): Look {
  const turns = createTurns(concurrency);
  return {
    at: async (reason, see, requests = 1) => {
      await turns.take();
      try {
        if (signal.aborted) return skipped('No time was left.');
        const limited = (limit: AbortSignal) => see(AbortSignal.any([signal, limit]));
        const seeing = withDeadline(clock, requests * upstreamTimeoutMs, reason, limited);
        return { kind: 'seen', value: await untilAborted(seeing, signal) };
      } catch (error) {
        if (signal.aborted) return skipped('No time was left.');
        return { kind: 'failed', error: error instanceof BrokerError ? error : new BrokerError('unexpected') };
      } finally {
        turns.giveBack();
      }
    },
  };
}

export function skipped(because: string): Extract<Seen<never>, { kind: 'skipped' }> {
  return { kind: 'skipped', because };
}

/** The value, where there is one. */
export function valueOf<T>(seen: Seen<T> | undefined): T | undefined {
  return seen?.kind === 'seen' ? seen.value : undefined;
}

function createTurns(free: number) {
  const waiting: (() => void)[] = [];
  let left = free;
  return {
    take: async () => {
      if (left === 0) await new Promise<void>((resolve) => void waiting.push(resolve));
      else left -= 1;
    },
    giveBack: () => {
      const next = waiting.shift();
      if (next) next();
      else left += 1;
    },
  };
}
