import { expect, test } from '@jest/globals';
import { createEventClock } from '../../../scripts/scale/event-clock.ts';

test('what falls due happens in order, each at its own moment, with all that comes of it', async () => {
  const clock = createEventClock();
  const seen: [string, number][] = [];
  const note = (name: string) => () => void seen.push([name, clock.monotonic()]);
  clock.after(30, note('second'));
  clock.after(10, () => {
    note('first')();
    clock.after(10, note('of the first'));
  });
  clock.after(20, note('cancelled'))();
  clock.after(2_000, note('too late'));
  await clock.runUntil(1_000);
  expect(seen).toEqual([
    ['first', 10],
    ['of the first', 20],
    ['second', 30],
  ]);
  expect(clock.monotonic()).toBe(1_000);
});
