import type { Clock } from '../clock.ts';
import { BrokerError } from '../errors.ts';
import type { CallerName } from '../names.ts';

/** How many requests a caller may make of one instance: `perSecond` in the long run, `burst` at once. */
export type RateLimit = { readonly perSecond: number; readonly burst: number };

export type RateLimiter = {
  /** @throws {BrokerError} `too-many-requests`, with the time until the next one may come. */
  take(caller: CallerName): void;
};

/** A token bucket for each configured caller, so that a loud one spends nobody's share but its own. */
export function createRateLimiter(clock: Clock, limits: ReadonlyMap<CallerName, RateLimit>): RateLimiter {
  const startedAt = clock.monotonic();
  const buckets = new Map(
    Array.from(limits, ([caller, limit]) => [caller, { ...limit, level: limit.burst, at: startedAt }]),
  );
  return {
    take: (caller) => {
      const bucket = buckets.get(caller);
      if (!bucket) throw new BrokerError('unexpected');
      const now = clock.monotonic();
      bucket.level = Math.min(bucket.burst, bucket.level + ((now - bucket.at) / 1_000) * bucket.perSecond);
      bucket.at = now;
      if (bucket.level < 1) {
        throw new BrokerError('rate-limit', { retryAfterMs: ((1 - bucket.level) / bucket.perSecond) * 1_000 });
      }
      bucket.level -= 1;
    },
  };
}
