import { describe, expect, test } from '@jest/globals';
import { hunt } from '../../../scripts/fuzz/hunt.ts';
import { mutate } from '../../../scripts/fuzz/mutate.ts';
import { createRandom } from '../../simulation/random.ts';
import { expectNoSecret, expectRefusal, expectThat, orRefusal, type FuzzTarget } from '../../../scripts/fuzz/target.ts';
import { BrokerError } from '../../../shared/errors.ts';

/** Counts branches itself: under jest the source is not where V8 says. */
function createMaze() {
  let reached = new Set<number>();
  let fresh = 0;
  const reach = (place: number) => {
    if (!reached.has(place)) fresh += 1;
    reached.add(place);
  };
  const target: FuzzTarget = {
    name: 'maze',
    seeds: ['{"a":1}'],
    attempt: (input) => {
      const steps = ['"', 'kind', 'kindkey'].filter((step) => input.includes(step));
      for (const step of steps) reach(step.length);
      if (steps.length === 3) throw new RangeError('the end of the maze');
    },
  };
  const coverage = {
    read: async ({ onlyLook } = { onlyLook: false }) => {
      const count = fresh;
      if (onlyLook) reached = new Set();
      fresh = 0;
      return count;
    },
    reset: () => {
      reached = new Set();
      fresh = 0;
    },
    stop: () => {},
  };
  return { target, coverage };
}

const search = (seed: number, batches: number) => {
  const { target, coverage } = createMaze();
  let left = batches;
  return hunt(target, coverage, {
    corpus: [],
    words: ['kind', 'key', 'other'],
    seed,
    mayGoOn: ({ crashes }) => (left -= 1) > 0 && crashes.length === 0,
    onBatch: () => {},
  });
};

describe('the search', () => {
  test('finds the input that breaks something, step by step', async () => {
    const { crashes, corpus } = await search(7, 4_000);
    expect(crashes).toEqual([{ input: expect.stringContaining('kindkey'), error: expect.any(RangeError) }]);
    expect(corpus.length).toBeGreaterThan(1);
  });

  test('tries the same inputs with the same seed', async () => {
    const [{ corpus }, again] = [await search(3, 50), await search(3, 50)];
    expect(again.corpus).toEqual(corpus);
  });

  test('changes a text in many ways, and keeps it short', () => {
    const random = createRandom(1);
    const others = { corpus: ['{"b":2}'], words: ['word'] };
    const changed = Array.from({ length: 500 }, () => mutate('{"a":{"b":[1,"two"]}}', random, others));
    expect(new Set(changed).size).toBeGreaterThan(300);
    expect(changed.some((text) => text.includes('word'))).toBe(true);
    expect(Math.max(...changed.map(({ length }) => length))).toBeLessThanOrEqual(20_000);
  });
});

describe('what a target holds to', () => {
  test('takes a documented refusal, and nothing else', () => {
    expect(expectRefusal(new BrokerError('expired'))).toMatchObject({ reason: 'expired' });
    expect(() => expectRefusal(new TypeError('x'))).toThrow('Refused with TypeError');
    expect(() => expectRefusal(new BrokerError('unexpected'))).toThrow('Refused with');
    expect(() => orRefusal(() => expectThat(false, 'so'))).toThrow('Not so');
  });

  test('misses no secret in what is told', () => {
    expect(() => expectNoSecret('token CANARY01234567')).toThrow('A secret is told');
    const telling = Object.assign(new BrokerError('expired'), { message: 'CANARY01234567' });
    expect(() => expectRefusal(telling)).toThrow('A secret is told');
  });
});
