import { describe, expect, test } from '@jest/globals';
import { nameOf } from '../../../shared/rotation/record.ts';
import { otherSlot, slots } from '../../../shared/rotation/slot.ts';
import {
  defaultTerms,
  largestTerms,
  publishNotBefore,
  regenerateNotBefore,
  shortestDrainMs,
  takeOverNotBefore,
  type Terms,
} from '../../../shared/rotation/terms.ts';
import { terms } from '../../support/rotation-machine.ts';

const byDefault: Terms = { ...defaultTerms, headerLifetimeMs: 300_000, propagationMs: 600_000, promiseMs: 21_600_000 };
const names = Object.keys(terms) as (keyof Terms)[];

describe('regenerate(X) ≥ max(promise, switched + V + C + H) + 2ε + F', () => {
  test.each([
    ['no promise: the last header set counts', 0, 50_000, 50_000 + 7_000 + 48_000],
    ['a promise that ends before the last header set', 56_999, 50_000, 57_000 + 48_000],
    ['a promise that ends after it', 57_001, 50_000, 57_001 + 48_000],
  ])('%s', (_case, promisedUntil, switchedOn, expected) => {
    expect(regenerateNotBefore(terms, promisedUntil, switchedOn)).toBe(expected);
  });

  test('with the defaults the shortest drain is 455 s', () => {
    expect(shortestDrainMs(byDefault)).toBe(455_000);
  });

  test.each([
    ['visibilityMs', 1],
    ['readAgeMs', 1],
    ['headerLifetimeMs', 1],
    ['skewMs', 2],
    ['flightMs', 1],
    ['propagationMs', 0],
    ['promiseMs', 0],
  ] as const)('%s is in it %i times', (term, times) => {
    const longer = { ...terms, [term]: terms[term] + 1 };
    expect(shortestDrainMs(longer) - shortestDrainMs(terms)).toBe(times);
  });
});

test('publish(X) ≥ regenerated(X) + G, by any clock', () => {
  expect(publishNotBefore(terms, 5)).toBe(5 + 64_000 + 16_000);
});

test('take over an intent ≥ its start + request timeout + 2ε', () => {
  expect(takeOverNotBefore(terms, 100, 5)).toBe(5 + 100 + 16_000);
});

describe('the largest terms that a rotation has seen count', () => {
  test.each(names)('%s, whichever side it is on', (term) => {
    const larger = { ...terms, [term]: terms[term] + 1 };
    expect(largestTerms(terms, larger)).toEqual(larger);
    expect(largestTerms(larger, terms)).toEqual(larger);
  });

  test('each for itself', () => {
    const one = { ...terms, visibilityMs: 9_999, flightMs: 1 };
    const other = { ...terms, visibilityMs: 1, flightMs: 99_999 };
    expect(largestTerms(one, other)).toEqual({ ...terms, visibilityMs: 9_999, flightMs: 99_999 });
  });
});

test('the defaults are those of docs/rotation.md: V and C 60 s, ε 10 s, F 15 s', () => {
  expect(defaultTerms).toEqual({ visibilityMs: 60_000, readAgeMs: 60_000, skewMs: 10_000, flightMs: 15_000 });
});

test('a subscription has two slots, each the other of the other', () => {
  expect(slots).toEqual(['primary', 'secondary']);
  expect(slots.map(otherSlot)).toEqual(['secondary', 'primary']);
});

test.each([
  ['idle', { phase: 'idle' }],
  ['regenerating-secondary', { phase: 'regenerating', slot: 'secondary', intent: undefined }],
  ['draining-primary', { phase: 'draining', slot: 'primary' }],
] as const)('a state is named %s', (expected, state) => {
  expect(nameOf(state)).toBe(expected);
});
