import { backoffMs, type Backoff } from '../backoff.ts';
import type { Clock } from '../clock.ts';
import { BrokerError } from '../errors.ts';

/** Stands in front of something that may be down, so that whoever needs it then is told at once instead of waiting. */
export type Breaker = {
  /** @throws {BrokerError} `audit-unavailable` while it is left alone, or tried by somebody else, with the time that remains. */
  check(): void;
  /** Runs something that needs it, one at a time, and learns from how that ends. @throws as `check`, and whatever is thrown. */
  run<T>(work: () => Promise<T>): Promise<T>;
};

type Failure = { readonly cause: unknown; readonly times: number; readonly retryAt: number };

/**
 * After a failure everything is refused for a while, longer each time. Then one tries it, and all others are refused until that has ended: so
 * something that hangs costs one its time and not all.
 *
 * @param random spreads the retries of many instances.
 */
export function createBreaker(clock: Clock, backoff: Backoff, random: () => number = Math.random): Breaker {
  let failure: Failure | undefined;
  let isTrying = false;

  const check = (): void => {
    if (!failure) return;
    const leftMs = failure.retryAt - clock.monotonic();
    if (leftMs <= 0 && !isTrying) return;
    throw new BrokerError('audit-unavailable', { cause: failure.cause, retryAfterMs: Math.max(0, leftMs) });
  };

  const fail = (cause: unknown): void => {
    const times = (failure?.times ?? 0) + 1;
    failure = { cause, times, retryAt: clock.monotonic() + backoffMs(backoff, times, cause, random()) };
  };

  return {
    check,
    run: async (work) => {
      check();
      isTrying = failure !== undefined;
      try {
        const result = await work();
        failure = undefined;
        return result;
      } catch (error) {
        fail(error);
        throw error;
      } finally {
        isTrying = false;
      }
    },
  };
}
