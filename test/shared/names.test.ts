import { describe, expect, test } from '@jest/globals';
import { array, assert, double, integer, oneof, property } from 'fast-check';
import { toTimestamp } from '../../shared/names.ts';

/** From the year 0 to 9999 and beyond, before the epoch, and with parts of a millisecond. */
const moments = oneof(
  double({ min: -8.64e15, max: 8.64e15, noNaN: true }),
  integer({ min: 1_700_000_000_000, max: 2_000_000_000_000 }),
);

describe('a moment as text', () => {
  test('is what Date makes of it, whichever came before', () => {
    assert(
      property(array(moments, { minLength: 1, maxLength: 5 }), (all) => {
        expect(all.map(toTimestamp)).toEqual(all.map((ms) => new Date(ms).toISOString()));
      }),
      { numRuns: 2_000 },
    );
  });

  test.each([NaN, Infinity, -Infinity, 8.64e15 + 86_400_000])('is not made of %d, which is none', (ms) => {
    expect(() => toTimestamp(ms)).toThrow(RangeError);
  });
});
