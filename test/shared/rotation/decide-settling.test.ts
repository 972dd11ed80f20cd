import { describe, expect, test } from '@jest/globals';
import { decide } from '../../../shared/rotation/decide.ts';
import type { Observation } from '../../../shared/rotation/observation.ts';
import type { FailureReason, RotationRecord, State } from '../../../shared/rotation/record.ts';
import {
  first,
  fresh,
  key,
  longAgo,
  now,
  policyOf,
  recordOf,
  second,
  seenBy,
  settleMs,
  terms,
  verdicts,
} from '../../support/rotation-machine.ts';

type Settling = Extract<State, { phase: 'settling' }>;

const policy = policyOf();
const settlingState: Settling = {
  phase: 'settling',
  slot: 'secondary',
  fingerprintBefore: second,
  regeneratedAt: longAgo,
  fingerprint: fresh,
  accepts: 0,
};
const settling = (state: Partial<Settling> = {}, changes: Partial<RotationRecord> = {}) =>
  recordOf({ state: { ...settlingState, ...state }, cycleFrom: 'secondary', ...changes });
const listing = (record: RotationRecord, secondary = fresh, more: Partial<Observation> = {}) =>
  seenBy(record, { listed: { primary: first, secondary }, ...more });
const decideNow = (record: RotationRecord, seen = listing(record), by = policy) => decide(record, seen, by, now);
const entering = (state: Partial<Settling>) => ({ kind: 'enter', state: { ...settlingState, ...state } });

describe('the new key is looked for', () => {
  const asked = { regeneratedAt: now - 1_000, fingerprint: undefined };

  test('and its G runs from when it is first listed', () => {
    expect(decideNow(settling(asked))).toEqual(entering({ fingerprint: fresh, regeneratedAt: now }));
  });

  test('a list that still shows the old one is waited out for a quarantine', () => {
    const regeneratedAt = now - policy.quarantineMs;
    const young = settling({ ...asked, regeneratedAt: regeneratedAt + 1 });
    expect(decideNow(young, listing(young, second))).toEqual({ kind: 'wait', because: 'not-seen', until: undefined });
    const old = settling({ ...asked, regeneratedAt });
    expect(decideNow(old, listing(old, second))).toEqual({
      kind: 'enter',
      state: { phase: 'regenerating', slot: 'secondary', intent: undefined },
      alert: 'regenerate-not-seen',
    });
  });

  test('and waited for without end when a person regenerates', () => {
    const record = settling({ ...asked, regeneratedAt: longAgo });
    expect(decideNow(record, listing(record, second), policyOf({ isManual: true }))).toMatchObject({
      because: 'not-seen',
    });
  });

  test('no observation, no step', () => {
    expect(decideNow(settling(), {})).toEqual({ kind: 'wait', because: 'not-seen', until: undefined });
  });
});

describe('settling restarts when the fingerprint changes', () => {
  test('the time and the accepts begin again', () => {
    const record = settling({ accepts: 2 });
    const newer = key('newer');
    expect(decideNow(record, listing(record, newer))).toEqual(
      entering({ fingerprint: newer, regeneratedAt: now, accepts: 0 }),
    );
  });
});

describe('a new key is published', () => {
  test('not before it was listed + G, by any clock, though every gateway accepts it', () => {
    const regeneratedAt = now - settleMs;
    expect(decideNow(settling({ regeneratedAt: regeneratedAt + 1, accepts: 2 }))).toEqual({
      kind: 'wait',
      because: 'settling',
      until: now + 1,
    });
    expect(decideNow(settling({ regeneratedAt, accepts: 2 }))).toMatchObject({ state: { phase: 'publishing' } });
  });

  test('by the largest G that the rotation has seen', () => {
    const regeneratedAt = now - settleMs;
    const record = settling({ regeneratedAt }, { terms: { ...terms, propagationMs: terms.propagationMs + 1 } });
    expect(decideNow(record)).toMatchObject({ because: 'settling' });
  });

  test('after n accepts in a row on each gateway', () => {
    expect(decideNow(settling({ accepts: 0 }))).toEqual(entering({ accepts: 1 }));
    expect(decideNow(settling({ accepts: 1 }))).toEqual(entering({ accepts: 2 }));
    expect(decideNow(settling({ accepts: 2 }))).toEqual({
      kind: 'enter',
      state: { phase: 'publishing', slot: 'secondary', fingerprint: fresh, intent: undefined },
    });
  });

  test.each(['refused', 'forbidden', 'unknown'] as const)('one gateway that says %s breaks the row', (verdict) => {
    const record = settling({ accepts: 2 });
    const seen = listing(record, fresh, { verdicts: verdicts({ fresh: verdict }) });
    expect(decideNow(record, seen)).toEqual(entering({ accepts: 0 }));
  });

  test.each<[FailureReason, Observation['verdicts']]>([
    ['new-key-refused', verdicts({ fresh: 'refused' })],
    ['gateway-forbids', verdicts({ fresh: 'forbidden' })],
    ['gateway-unknown', verdicts({ fresh: 'unknown' })],
    ['gateway-unknown', verdicts({ first: 'accepted', second: 'accepted' })],
    ['gateway-unknown', new Map()],
  ])('and somebody is told why not: %s', (reason, seen) => {
    const record = settling();
    expect(decideNow(record, listing(record, fresh, seen ? { verdicts: seen } : {}))).toEqual({ kind: 'fail', reason });
  });

  test('and somebody is told why not when no gateway was asked', () => {
    const { verdicts: _, ...seen } = listing(settling());
    expect(decideNow(settling(), seen)).toEqual({ kind: 'fail', reason: 'gateway-unknown' });
  });
});

describe('meanwhile the active key', () => {
  test('is promised', () => {
    const { keys } = recordOf();
    const record = settling({}, { keys: { ...keys, primary: { ...keys.primary, promisedUntil: now } } });
    expect(decideNow(record)).toEqual({ kind: 'promise', safeUntil: now + terms.promiseMs });
  });

  test('is not left before the new one has settled, compromised or not', () => {
    expect(decideNow(settling({}, { compromised: 'primary' }))).toEqual(entering({ accepts: 1 }));
  });

  test('is adopted anew when it was changed outside', () => {
    const record = settling();
    const seen = listing(record, fresh, {
      listed: { primary: key('other'), secondary: fresh },
      verdicts: verdicts({ other: 'accepted' }),
    });
    expect(decideNow(record, seen)).toMatchObject({
      state: { phase: 'publishing', slot: 'primary', fingerprint: key('other') },
      alert: 'key-changed-outside',
    });
  });

  test('what is regenerated goes on settling while paused', () => {
    expect(decideNow(settling({}, { paused: true }))).toEqual(entering({ accepts: 1 }));
  });
});
