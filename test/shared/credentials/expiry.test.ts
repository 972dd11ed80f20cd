import { describe, expect, test } from '@jest/globals';
import { daysToWarnOf, daysUntil, thresholdOf } from '../../../shared/credentials/expiry.ts';

const day = 86_400_000;
const now = Date.UTC(2026, 10, 24, 3);

describe('the days until a moment', () => {
  test.each([
    [0, 0],
    [day - 1, 0],
    [day, 1],
    [30 * day + 1, 30],
    [-1, 0],
    [-5 * day, 0],
  ])('in %d ms are whole ones, and none after it: %d', (ms, days) => {
    expect(daysUntil(now + ms, now)).toBe(days);
  });
});

describe('a warning', () => {
  test.each([
    [61 * day, undefined],
    [61 * day - 1, 60],
    [60 * day, 60],
    [8 * day, 8],
    [0, 0],
    [-day, 0],
  ])('is due from 60 days before the end on, and goes on being due: with %d ms left it tells %p', (ms, days) => {
    expect(daysToWarnOf(now + ms, now)).toBe(days);
  });

  test('is not due where no end is told', () => {
    expect(daysToWarnOf(undefined, now)).toBeUndefined();
  });

  test('is one for 60 days, one for 30, and one for each day of the last week', () => {
    const thresholds = [61, 60, 31, 30, 8, 7, 6, 0].map((days) => thresholdOf(days));
    expect(thresholds).toEqual([Infinity, 60, 60, 30, 30, 7, 6, 0]);
  });
});
