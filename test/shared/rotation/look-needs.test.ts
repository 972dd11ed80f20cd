import { describe, expect, test } from '@jest/globals';
import { keysToTry, needsKeys, needsWritableVault } from '../../../shared/rotation/decide.ts';
import type { Observation } from '../../../shared/rotation/observation.ts';
import type { State } from '../../../shared/rotation/record.ts';
import {
  first,
  foreign,
  fresh,
  intentOf,
  now,
  ownedMs,
  policyOf,
  recordOf,
  second,
  seenBy,
  settleMs,
} from '../../support/rotation-machine.ts';

const policy = policyOf();
const regenerating: State = { phase: 'regenerating', slot: 'secondary', intent: undefined };
const publishing: State = { phase: 'publishing', slot: 'secondary', fingerprint: second, intent: undefined };
const draining: State = { phase: 'draining', slot: 'secondary' };
const settling: State = {
  phase: 'settling',
  slot: 'secondary',
  fingerprintBefore: second,
  regeneratedAt: now - settleMs,
  fingerprint: fresh,
  accepts: 0,
};
const young = intentOf({ startedAt: now - ownedMs + 1 });

describe('the keys are looked at, except under a young intent', () => {
  test.each<[boolean, string, State]>([
    [true, 'idle', { phase: 'idle' }],
    [true, 'regenerating without an intent', regenerating],
    [false, 'regenerating under a young intent', { ...regenerating, intent: young }],
    [true, 'regenerating under an old intent', { ...regenerating, intent: intentOf() }],
    [true, 'settling', settling],
    [true, 'publishing without an intent', publishing],
    [false, 'publishing under a young intent', { ...publishing, intent: young }],
    [true, 'publishing under an old intent', { ...publishing, intent: intentOf() }],
    [true, 'draining', draining],
  ])('%s: %s', (expected, _case, state) => {
    expect(needsKeys(recordOf({ state }), policy, now)).toBe(expected);
  });
});

describe('the gateways are asked for', () => {
  const listed = { primary: first, secondary: fresh };
  const triedIn = (state: State, seen: Partial<Observation> = {}) => {
    const record = recordOf({ state });
    return keysToTry(record, seenBy(record, { listed, ...seen }), now);
  };

  test.each<[string, State, readonly string[]]>([
    ['nothing at rest', { phase: 'idle' }, []],
    ['the active key before the point of no return', regenerating, [first]],
    ['nothing under an intent', { ...regenerating, intent: intentOf() }, []],
    ['the new key once G has passed', settling, [fresh]],
    ['nothing before that', { ...settling, regeneratedAt: settling.regeneratedAt + 1 }, []],
    ['nothing while publishing', publishing, []],
    ['the active key while the other drains', draining, [first]],
  ])('%s', (_case, state, expected) => {
    expect(triedIn(state)).toEqual(expected);
  });

  test.each<[string, State]>([
    ['idle', { phase: 'idle' }],
    ['regenerating', regenerating],
    ['settling', settling],
    ['draining', draining],
  ])('the listed and the published key when they are not the same: %s', (_case, state) => {
    const published = { fingerprint: foreign, generation: 4, safeUntil: now };
    expect(triedIn(state, { published })).toEqual([first, foreign]);
  });

  test('nothing that was not seen', () => {
    const record = recordOf({ state: draining });
    const { published, listed: both } = seenBy(record);
    expect(keysToTry(record, {}, now)).toEqual([]);
    expect(keysToTry(record, published ? { published } : {}, now)).toEqual([]);
    expect(keysToTry(record, both ? { listed: both } : {}, now)).toEqual([]);
  });

  test('the active key when an older version of it is published', () => {
    const published = { fingerprint: first, generation: 3, safeUntil: now };
    expect(triedIn({ phase: 'idle' }, { published })).toEqual([first]);
  });
});

test('Key Vault is shown to be writable before a regenerate, and only then', () => {
  const states: readonly State[] = [
    { phase: 'idle' },
    regenerating,
    { ...regenerating, intent: intentOf() },
    settling,
    publishing,
    draining,
  ];
  expect(states.map((state) => needsWritableVault(recordOf({ state })))).toEqual([
    false,
    true,
    false,
    false,
    false,
    false,
  ]);
});
