import { expect, test } from '@jest/globals';
import { parseRetryAfter } from '../../../shared/azure/retry-after.ts';

const now = Date.UTC(2026, 10, 24, 3, 0, 0);

test.each([
  ['7', 7_000],
  [' 7 ', 7_000],
  ['0', 0],
  ['Tue, 24 Nov 2026 03:00:20 GMT', 20_000],
  ['Tue, 24 Nov 2026 02:59:00 GMT', 0],
  ['', undefined],
  ['soon', undefined],
  ['99999999999', undefined],
  ['Tuesday, 24-Nov-26 03:00:20 GMT', 20_000],
  // Which Date.parse takes for dates.
  ['-1', undefined],
  ['1.5', undefined],
  ['2099x', undefined],
  ['86400', 60_000],
  ['Wed, 25 Nov 2026 03:00:00 GMT', 60_000],
  [null, undefined],
  [undefined, undefined],
])('Retry-After %j is %j ms from now', (value, expected) => {
  expect(parseRetryAfter(value, now)).toBe(expected);
});
