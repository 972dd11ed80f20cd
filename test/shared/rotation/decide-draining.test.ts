import { describe, expect, test } from '@jest/globals';
import { decide } from '../../../shared/rotation/decide.ts';
import type { RotationRecord } from '../../../shared/rotation/record.ts';
import {
  first,
  fresh,
  lastHeaderMs,
  marginMs,
  mirrored,
  now,
  policyOf,
  recordOf,
  seenBy,
  terms,
  verdicts,
} from '../../support/rotation-machine.ts';

const policy = policyOf();
const decideNow = (record: RotationRecord, seen = seenBy(record)) => decide(record, seen, policy, now);
/** The secondary is published, the primary drains. */
const draining = (changes: Partial<RotationRecord> = {}) =>
  mirrored({ state: { phase: 'draining', slot: 'primary' }, cycleFrom: 'secondary', ...changes });
/** The mirror: the end of a cycle. */
const ending = (changes: Partial<RotationRecord> = {}) =>
  recordOf({ state: { phase: 'draining', slot: 'secondary' }, cycleFrom: 'secondary', ...changes });
const promised = (promisedUntil: number) => {
  const { keys } = mirrored();
  return { ...keys, primary: { fingerprint: first, promisedUntil } };
};

const regeneratesPrimary = { kind: 'enter', state: { phase: 'regenerating', slot: 'primary', intent: undefined } };

describe('the retiring key drains', () => {
  test('until every promise for it has ended, with 2ε + F', () => {
    expect(decideNow(draining({ keys: promised(now - marginMs) }))).toEqual(regeneratesPrimary);
    expect(decideNow(draining({ keys: promised(now - marginMs + 1) }))).toEqual({
      kind: 'wait',
      because: 'promised',
      until: now + 1,
    });
  });

  test('until every header set from a read before the switch has ended', () => {
    const switchedOn = now - lastHeaderMs - marginMs;
    expect(decideNow(draining({ switchedOn }))).toEqual(regeneratesPrimary);
    expect(decideNow(draining({ switchedOn: switchedOn + 1 }))).toMatchObject({ because: 'promised', until: now + 1 });
  });

  test('and is promised no further; the active one is', () => {
    const { keys } = mirrored();
    const record = draining({ keys: { ...keys, secondary: { ...keys.secondary, promisedUntil: now } } });
    expect(decideNow(record)).toEqual({ kind: 'promise', safeUntil: now + terms.promiseMs });
  });

  test('by the largest terms that the rotation has seen', () => {
    const switchedOn = now - lastHeaderMs - marginMs;
    const headerLifetimeMs = terms.headerLifetimeMs + 1;
    expect(decideNow(draining({ switchedOn, terms: { ...terms, headerLifetimeMs } }))).toMatchObject({
      because: 'promised',
    });
  });
});

describe('secondary, then primary', () => {
  test('after the primary’s drain, the primary is regenerated', () => {
    expect(decideNow(draining())).toEqual(regeneratesPrimary);
  });

  test('not while paused', () => {
    expect(decideNow(draining({ paused: true }))).toEqual({ kind: 'wait', because: 'paused', until: undefined });
  });

  test('after the secondary’s drain, the cycle is over, paused or not', () => {
    for (const paused of [false, true]) {
      expect(decideNow(ending({ paused }))).toStrictEqual({ kind: 'enter', state: { phase: 'idle' } });
    }
  });

  test('the secondary’s drain is waited out too', () => {
    expect(decideNow(ending({ switchedOn: now }))).toMatchObject({ because: 'promised' });
  });
});

describe('an emergency skips the drain of the compromised slot alone', () => {
  test.each(['primary', 'secondary'] as const)('%s', (slot) => {
    const inSlot = slot === 'primary' ? draining : ending;
    const record = inSlot({ compromised: slot, switchedOn: now, paused: true });
    expect(decideNow(record)).toEqual({ kind: 'enter', state: { phase: 'regenerating', slot, intent: undefined } });
  });

  test('the other slot’s drain is waited out before anything is published over it', () => {
    const record = ending({ compromised: 'primary' });
    expect(decideNow(record)).toMatchObject({ state: { phase: 'publishing', slot: 'secondary' } });
  });
});

describe('the active key is watched while the other drains', () => {
  test.each([
    ['refused', { kind: 'fail', reason: 'active-key-refused' }],
    ['unknown', { kind: 'fail', reason: 'gateway-unknown' }],
    ['forbidden', { kind: 'fail', reason: 'gateway-forbids' }],
  ] as const)('a gateway says %s', (verdict, step) => {
    const record = draining();
    expect(decideNow(record, seenBy(record, { verdicts: verdicts({ second: verdict, first: 'accepted' }) }))).toEqual(
      step,
    );
  });

  test('and adopted anew when it was changed outside', () => {
    const record = draining();
    const seen = seenBy(record, { listed: { primary: first, secondary: fresh } });
    expect(decideNow(record, seen)).toMatchObject({
      state: { phase: 'publishing', slot: 'secondary', fingerprint: fresh },
      alert: 'key-changed-outside',
    });
  });

  test('no observation, no step', () => {
    expect(decideNow(draining(), {})).toEqual({ kind: 'wait', because: 'not-seen', until: undefined });
  });

  test('no gateway was asked: the point of no return is not passed', () => {
    const { verdicts: _, ...seen } = seenBy(draining());
    expect(decideNow(draining(), seen)).toEqual({ kind: 'fail', reason: 'gateway-unknown' });
  });
});
