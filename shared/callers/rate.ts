import type { Clock } from '../clock.ts';
import { BrokerError } from '../errors.ts';

/** How many requests a caller may make of one instance: `perSecond` in the long run, `burst` at once. */
export type RateLimit = { readonly perSecond: number; readonly burst: number };

export type RateLimiter<Name extends string> = {
  /** @throws {BrokerError} `too-many-requests`, with the time until the next one may come. */
  take(name: Name): void;
};

/** A token bucket for each name, so that a loud caller spends nobody's share but its own. */
export function createRateLimiter<Name extends string>(
  clock: Clock,
  limits: ReadonlyMap<Name, RateLimit>,
): RateLimiter<Name> {
  const startedAt = clock.monotonic();
  const buckets = new Map(
    Array.from(limits, ([name, limit]) => [name, { ...limit, level: limit.burst, at: startedAt }]),
  );
  return {
    take: (name) => {
      const bucket = buckets.get(name);
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
