import { describe, expect, test } from '@jest/globals';
import { backoffMs } from '../../shared/backoff.ts';
import { BrokerError } from '../../shared/errors.ts';

const backoff = { firstMs: 100, mostMs: 1_000 };

describe('a backoff', () => {
  test.each([
    [1, 100],
    [2, 200],
    [4, 800],
    [5, 1_000],
    [60, 1_000],
  ])('after %i failures in a row is %i ms at most, and three quarters of that at least', (times, ms) => {
    expect(backoffMs(backoff, times, undefined, 1)).toBe(ms);
    expect(backoffMs(backoff, times, undefined, 0)).toBe(0.75 * ms);
  });

  test.each([
    [5_000, 5_000],
    [50, 100],
  ])('is as long as is asked for, if that is longer: %i', (retryAfterMs, ms) => {
    expect(backoffMs(backoff, 1, new BrokerError('storage-unavailable', { retryAfterMs }), 1)).toBe(ms);
  });
});
