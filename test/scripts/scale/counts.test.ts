import { expect, test } from '@jest/globals';
import { createCounts } from '../../../scripts/scale/counts.ts';

function countsOf(seconds: readonly number[], weight = 1) {
  const counts = createCounts(60_000, 60_000 + seconds.length * 1_000, weight);
  seconds.forEach((count, second) => {
    for (let request = 0; request < count; request += 1) counts.add(60_000 + second * 1_000 + request);
  });
  return counts;
}

test('the peak is the most in ten seconds that follow one another, wherever they begin', () => {
  const seconds = [0, 0, 0, 0, 0, 0, 0, 5, 7, 0, 0, 0, 0, 0, 0, 0, 4, 9, 0, 0];
  expect(countsOf(seconds).summary()).toEqual({ total: 25, meanIn10s: 12.5, peakIn10s: 20, peakIn1s: 9 });
});

test('each counts for as many as it stands for', () => {
  expect(countsOf([1, 2, 3], 100).summary()).toEqual({ total: 600, meanIn10s: 2_000, peakIn10s: 600, peakIn1s: 300 });
});

test('what comes before or after is not counted', () => {
  const counts = countsOf([1, 1]);
  for (const at of [0, 59_999, 62_000, 100_000]) counts.add(at);
  expect(counts.summary().total).toBe(2);
});
