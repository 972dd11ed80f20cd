import { describe, expect, test } from '@jest/globals';
import { plan } from '../../../shared/rotation/plan.ts';
import type { RotationRecord, State } from '../../../shared/rotation/record.ts';
import {
  first,
  fresh,
  lastHeaderMs,
  longAgo,
  marginMs,
  mirrored,
  now,
  policyOf,
  recordOf,
  second,
  settleMs,
  terms,
} from '../../support/rotation-machine.ts';

const minute = 60_000;
const quarterOfAnHour = 15 * minute;
const policy = policyOf();
/** Three accepts, a minute apart. */
const publishMs = settleMs + 3 * minute;
const drainMs = lastHeaderMs + marginMs;
/** Promises so short that a drain is what V + C + H make it. */
const unpromised = { terms: { ...terms, promiseMs: 1 }, keys: keysUntil(longAgo) };
const atRest = (changes: Partial<RotationRecord> = {}) => recordOf({ ...unpromised, ...changes });
const withSecondary = (changes: Partial<RotationRecord> = {}) => mirrored({ ...unpromised, ...changes });

function keysUntil(promisedUntil: number): RotationRecord['keys'] {
  return { primary: { fingerprint: first, promisedUntil }, secondary: { fingerprint: second, promisedUntil } };
}

/** The names of the states, each with how long after the one before it is entered. */
function spansOf(record: RotationRecord, by = policy): [string, number][] {
  const planned = plan(record, by, now);
  return planned.map(({ state, notBefore }, at) => [state, notBefore - (planned[at - 1]?.notBefore ?? now)]);
}

const cycleOfPrimary: [string, number][] = [
  ['regenerating-primary', drainMs],
  ['settling-primary', minute],
  ['publishing-primary', publishMs],
  ['draining-secondary', minute],
  ['idle', drainMs],
];

describe('a dry run', () => {
  test('of a cycle that is due: secondary, then primary, each with its earliest moment', () => {
    expect(spansOf(atRest())).toEqual([
      ['idle', 0],
      ['regenerating-secondary', 0],
      ['settling-secondary', minute],
      ['publishing-secondary', publishMs],
      ['draining-primary', minute],
      ['regenerating-primary', drainMs],
      ...cycleOfPrimary.slice(1),
    ]);
  });

  test('waits out what was promised for the retiring key', () => {
    const promisedUntil = now + 10 * terms.promiseMs;
    const { secondary } = keysUntil(longAgo);
    const keys = { primary: { fingerprint: first, promisedUntil }, secondary };
    const planned = plan(atRest({ keys }), policy, now);
    expect(planned.find(({ state }) => state === 'regenerating-primary')?.notBefore).toBe(promisedUntil + marginMs);
  });

  test('waits out what will be promised for the key that is published', () => {
    const planned = plan(atRest({ terms: { ...terms, promiseMs: 5_000_000 } }), policy, now);
    const publishing = planned.find(({ state }) => state === 'publishing-primary')?.notBefore ?? 0;
    // Promised in full at its publishing, and extended while the primary drained and settled.
    expect(planned.at(-1)?.notBefore).toBe(publishing + 0.75 * 5_000_000 - 5 * 60_000 + marginMs);
  });

  test('counts on no more than half of a short promise being left when its key retires', () => {
    const promiseMs = 12 * minute;
    const short = { ...terms, visibilityMs: 1, readAgeMs: 1, headerLifetimeMs: 1, promiseMs };
    const planned = plan(atRest({ terms: short }), policy, now);
    const at = (wanted: string) => planned.find(({ state }) => state === wanted)?.notBefore ?? 0;
    expect(at('regenerating-primary')).toBe(at('publishing-secondary') + promiseMs / 2 + marginMs);
  });

  test('that begins with the secondary active regenerates the primary', () => {
    expect(spansOf(withSecondary())).toEqual([
      ['idle', 0],
      ['regenerating-primary', 0],
      ['settling-primary', minute],
      ['publishing-primary', publishMs],
      ['draining-secondary', minute],
      ['idle', drainMs],
    ]);
  });

  test('starts when it is due', () => {
    expect(spansOf(atRest({ dueAt: now + 5 }))[1]).toEqual(['regenerating-secondary', 5]);
  });

  test('starts when the other slot is drained', () => {
    expect(spansOf(atRest({ switchedOn: now }))[1]).toEqual(['regenerating-secondary', lastHeaderMs + marginMs]);
  });
});

describe('a maintenance window', () => {
  const opensAfter = (ms: number) => policyOf({ mayStart: (at) => at >= now + ms });

  test('is looked for in steps of a quarter of an hour', () => {
    expect(spansOf(atRest(), opensAfter(quarterOfAnHour + 1))[1]?.[1]).toBe(2 * quarterOfAnHour);
  });

  test('that is open is taken at once', () => {
    expect(spansOf(atRest({ dueAt: now + 7 }), opensAfter(7))[1]?.[1]).toBe(7);
  });

  test('is looked for two weeks ahead, and no further', () => {
    const twoWeeks = 14 * 24 * 60 * minute;
    const asked: number[] = [];
    const never = policyOf({ mayStart: (at) => asked.push(at) === 0 });
    expect(spansOf(atRest(), never)[1]?.[1]).toBe(twoWeeks);
    expect(asked[0]).toBe(now);
    expect(asked.at(-1)).toBe(now + twoWeeks - quarterOfAnHour);
  });

  test('holds for the start of a cycle only', () => {
    const never = policyOf({ mayStart: () => false });
    const record = atRest({ state: { phase: 'regenerating', slot: 'secondary', intent: undefined } });
    expect(spansOf(record, never)).toEqual(spansOf(record));
  });
});

describe('a dry run from the middle of a cycle', () => {
  const settling: State = {
    phase: 'settling',
    slot: 'primary',
    fingerprintBefore: first,
    regeneratedAt: now - 1_000,
    fingerprint: fresh,
    accepts: 0,
  };

  test('regenerating', () => {
    const record = withSecondary({ state: { phase: 'regenerating', slot: 'primary', intent: undefined } });
    expect(spansOf(record)).toEqual([['regenerating-primary', 0], ...cycleOfPrimary.slice(1)]);
  });

  test('settling goes on from when the key was listed', () => {
    expect(spansOf(withSecondary({ state: settling }))).toEqual([
      ['settling-primary', 0],
      ['publishing-primary', publishMs - 1_000],
      ...cycleOfPrimary.slice(3),
    ]);
  });

  test('settling that is over does not go back in time', () => {
    expect(spansOf(withSecondary({ state: { ...settling, regeneratedAt: 1 } }))[1]).toEqual(['publishing-primary', 0]);
  });

  test('publishing', () => {
    const record = withSecondary({
      state: { phase: 'publishing', slot: 'primary', fingerprint: first, intent: undefined },
    });
    expect(spansOf(record)).toEqual([['publishing-primary', 0], ...cycleOfPrimary.slice(3)]);
  });

  test('draining waits for what is left', () => {
    const switchedOn = now - 1_000;
    const record = atRest({ state: { phase: 'draining', slot: 'secondary' }, switchedOn });
    expect(spansOf(record)).toEqual([
      ['draining-secondary', 0],
      ['idle', lastHeaderMs + marginMs - 1_000],
    ]);
  });

  test('publishing the secondary is followed by the primary’s turn', () => {
    const record = atRest({
      state: { phase: 'publishing', slot: 'secondary', fingerprint: second, intent: undefined },
    });
    expect(spansOf(record).map(([state]) => state)).toEqual([
      'publishing-secondary',
      'draining-primary',
      'regenerating-primary',
      'settling-primary',
      'publishing-primary',
      'draining-secondary',
      'idle',
    ]);
  });
});
