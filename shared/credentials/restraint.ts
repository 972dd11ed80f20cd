import { backoffMs } from '../backoff.ts';
import type { Clock } from '../clock.ts';
import { BrokerError } from '../errors.ts';

/** What stands between an instance's caches and a vault that they share. */
export type Restraint = {
  /**
   * Makes a request, unless the vault throttles.
   *
   * @throws {BrokerError} while it is left alone, what it would answer, with the time that remains.
   */
  run<T>(request: () => Promise<T>): Promise<T>;
  /** Whether the vault has answers to spare for what nobody waits for. */
  readonly hasToSpare: () => boolean;
};

/** What Key Vault asks of whoever it throttles: 1, 2, 4, 8, 16 s ("Azure Key Vault throttling guidance"). */
const backoff = { firstMs: 1_000, mostMs: 16_000 };
const tooManyRequests = 429;
/** For how long after a 429 what it has is left to those who wait for it. */
const yieldMs = 60_000;

/**
 * Leaves a vault alone as a whole. Each cache leaves alone what it was itself refused; but an instance has hundreds, of which the next would ask at
 * once.
 *
 * After a 429 nothing is asked for a second, doubling to 16 s while the answer stays the same, and nothing in the background for a minute. While the
 * vault does not answer, as little is asked in the background; who needs what is not cached asks whenever its own cache lets it.
 */
export function createRestraint(clock: Clock, random: () => number): Restraint {
  let failures = 0;
  let throttledUntil = -Infinity;
  let busyUntil = -Infinity;

  /** Of requests that were under way together, the first failure stands for all. */
  const noteFailure = (error: unknown, startedAt: number) => {
    if (!(error instanceof BrokerError) || error.reason !== 'vault-unavailable') return;
    const isThrottled = error.upstream === tooManyRequests;
    if (startedAt < (isThrottled ? throttledUntil : busyUntil)) return;
    failures += 1;
    const now = clock.monotonic();
    const waitMs = backoffMs(backoff, failures, error, random());
    if (isThrottled) throttledUntil = now + waitMs;
    busyUntil = now + (isThrottled ? yieldMs * (0.75 + random() / 4) : waitMs);
  };

  return {
    run: async (request) => {
      const startedAt = clock.monotonic();
      if (startedAt < throttledUntil) {
        const retryAfterMs = throttledUntil - startedAt;
        throw new BrokerError('vault-unavailable', { retryAfterMs, upstream: tooManyRequests });
      }
      try {
        const answer = await request();
        if (startedAt >= throttledUntil) failures = 0;
        return answer;
      } catch (error) {
        noteFailure(error, startedAt);
        throw error;
      }
    },
    hasToSpare: () => clock.monotonic() >= busyUntil,
  };
}
