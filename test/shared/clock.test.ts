import { afterEach, expect, jest, test } from '@jest/globals';
import { systemClock } from '../../shared/clock.ts';

afterEach(() => {
  jest.restoreAllMocks();
});

test.each([
  [0, 0],
  [1_000, 1_000],
  [2 ** 31 - 1, 2 ** 31 - 1],
  // A timer would call back at once.
  [2 ** 31, 2 ** 31 - 1],
  [Infinity, 2 ** 31 - 1],
])('a wait of %d ms is no shorter than a timer can be long: %d ms', (delayMs, expected) => {
  const timer = jest.spyOn(globalThis, 'setTimeout');
  systemClock.after(delayMs, () => {})();
  expect(timer).toHaveBeenCalledWith(expect.anything(), expected);
});
