import { expect, test } from '@jest/globals';
import { createStanding } from '../../../scripts/soak/standing.ts';

const now = Date.UTC(2026, 10, 24, 3);

test('What is cached is good as long as the last header set made of it, but for the ten seconds in which it is loaded anew', () => {
  const standing = createStanding();
  expect(standing.watch('core')(now)).toBe(false);
  standing.given('core', now + 30_000);
  expect(standing.watch('core')(now + 18_999)).toBe(true);
  expect(standing.watch('core')(now + 19_000)).toBe(false);
  expect(standing.watch('payments')(now)).toBe(false);
});

test('What was given while one waited says nothing of what was there when one asked', () => {
  const standing = createStanding();
  const wasGood = standing.watch('core');
  standing.given('core', now + 30_000);
  expect(wasGood(now)).toBe(false);
});

test('A report may replace what is cached: nothing is known until the next header set', () => {
  const standing = createStanding();
  standing.given('core', now + 30_000);
  const wasGood = standing.watch('core');
  standing.reported();
  expect(wasGood(now)).toBe(false);
  expect(standing.watch('core')(now)).toBe(false);
  standing.given('core', now + 30_000);
  expect(standing.watch('core')(now)).toBe(true);
});
