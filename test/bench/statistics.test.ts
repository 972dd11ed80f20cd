import { describe, expect, test } from '@jest/globals';
import { holdContest, type Rounds } from '../../bench/contest.ts';
import { compare, figuresOf, median, quantile } from '../../bench/statistics.ts';

const never = new AbortController().signal;
const roundsOf = (figures: Record<string, number[]>): Rounds =>
  new Map(Object.entries(figures).map(([name, values]) => [name, new Map([['time', values]])]));

test('a median is the middle, or half way between the two in the middle, whatever the order', () => {
  expect(median([5, 1, 100])).toBe(5);
  expect(median([4, 1, 2, 100])).toBe(3);
  expect(median([7])).toBe(7);
});

test('a quantile is counted by numbers, and not by how they are written', () => {
  const thousand = Array.from({ length: 1_000 }, (_, index) => index).toReversed();
  expect(quantile(thousand, 0.999)).toBe(999);
  expect(quantile(thousand, 0.5)).toBe(500);
  expect(quantile([9, 10, 1], 1)).toBe(10);
});

test('nothing that was measured is no figure', () => {
  expect(() => median([])).toThrow(RangeError);
});

describe('a comparison', () => {
  const rounds = roundsOf({ ours: [10, 100, 30], rival: [10, 200, 10] });
  const ratio = { title: 'ours', measure: 'time', of: 'ours', over: 'rival' };

  test('is made round by round', () => {
    // The ratio of the medians would be 3.
    expect(compare(rounds, ratio)).toMatchObject({ median: 1, least: 0.5, most: 3 });
  });

  test('may be a difference', () => {
    expect(compare(rounds, { title: 'added', measure: 'time', of: 'ours', minus: 'rival' }).median).toBe(0);
  });

  test('or be of one figure alone', () => {
    expect(compare(rounds, { title: 'ours', measure: 'time', of: 'ours' }).median).toBe(30);
  });

  test.each([
    [{ atMost: 1 }, true],
    [{ atMost: 0.99 }, false],
    [{ atLeast: 1 }, true],
    [{ atLeast: 1.01 }, false],
  ])('is held to its bar, which belongs to what is allowed: %j', (bar, isMet) => {
    expect(compare(rounds, { ...ratio, bar }).isMet).toBe(isMet);
  });

  test('of what nobody has measured is a mistake', () => {
    expect(() => compare(rounds, { ...ratio, over: 'nobody' })).toThrow(/nobody/);
    expect(() => compare(rounds, { ...ratio, measure: 'space' })).toThrow(/space/);
  });
});

test('contestants are measured in turns, and a first round does not count', async () => {
  const order: string[] = [];
  const measured = (name: string) => async () => ({ time: order.push(name) });
  const contest = { contestants: { one: measured('one'), other: measured('other') }, units: { time: 'ms' } };
  const rounds = await holdContest(contest, { rounds: 2, signal: never });
  expect(order).toEqual(['one', 'other', 'one', 'other', 'one', 'other']);
  expect(figuresOf(rounds, contest)).toEqual([
    { contestant: 'one', measure: 'time', unit: 'ms', median: 4, least: 3, most: 5 },
    { contestant: 'other', measure: 'time', unit: 'ms', median: 5, least: 4, most: 6 },
  ]);
});

test('a contest without a warm-up counts each round, and one that is stopped goes no further', async () => {
  const stopping = new AbortController();
  const order: number[] = [];
  const contestants = {
    one: async () => {
      if (order.length === 1) stopping.abort(new Error('stopped'));
      return { time: order.push(0) };
    },
  };
  await expect(holdContest({ contestants }, { rounds: 5, warmsUp: false, signal: stopping.signal })).rejects.toThrow(
    'stopped',
  );
  expect(order).toHaveLength(2);
  const counted = await holdContest({ contestants }, { rounds: 1, warmsUp: false, signal: never });
  expect(counted.get('one')?.get('time')).toHaveLength(1);
});
