import { BrokerError } from './errors.ts';

/** How long something is left alone after its first failure, doubling up to the second. In milliseconds. */
export type Backoff = { readonly firstMs: number; readonly mostMs: number };

/**
 * How long to leave something alone that has failed so often in a row, in milliseconds: a little less than doubles each time, at random, so
 * that many instances do not come back at once; longer where it asks for that itself.
 *
 * @param random from 0 to 1.
 */
export function backoffMs({ firstMs, mostMs }: Backoff, times: number, error: unknown, random: number): number {
  const grown = Math.min(mostMs, firstMs * 2 ** (times - 1)) * (0.75 + random / 4);
  const asked = error instanceof BrokerError ? (error.retryAfterMs ?? 0) : 0;
  return Math.max(grown, asked);
}
