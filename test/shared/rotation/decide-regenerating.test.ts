import { describe, expect, test } from '@jest/globals';
import { decide } from '../../../shared/rotation/decide.ts';
import type { Observation } from '../../../shared/rotation/observation.ts';
import type { FailureReason, Intent, RotationRecord } from '../../../shared/rotation/record.ts';
import {
  first,
  fresh,
  intentOf,
  lastHeaderMs,
  marginMs,
  mirrored,
  now,
  ownedMs,
  policyOf,
  recordOf,
  second,
  seenBy,
  terms,
  verdicts,
} from '../../support/rotation-machine.ts';

const policy = policyOf();
const byHand = policyOf({ isManual: true });
const decideNow = (record: RotationRecord, seen = seenBy(record), by = policy) => decide(record, seen, by, now);
const regenerating = (changes: Partial<RotationRecord> = {}) =>
  recordOf({
    state: { phase: 'regenerating', slot: 'secondary', intent: undefined },
    cycleFrom: 'secondary',
    ...changes,
  });
const claimed = (intent: Intent) => regenerating({ state: { phase: 'regenerating', slot: 'secondary', intent } });
const listing = (secondary = second): Observation => ({ listed: { primary: first, secondary } });

describe('a slot is regenerated', () => {
  test('after a look at what its key is', () => {
    expect(decideNow(regenerating())).toEqual({ kind: 'regenerate', slot: 'secondary', fingerprintBefore: second });
  });

  test('as it is listed, not as it was recorded', () => {
    const record = regenerating();
    const seen = seenBy(record, { listed: { primary: first, secondary: fresh } });
    expect(decideNow(record, seen)).toMatchObject({ kind: 'regenerate', fingerprintBefore: fresh });
  });

  test('the primary, once the secondary is published', () => {
    const record = mirrored({ state: { phase: 'regenerating', slot: 'primary', intent: undefined } });
    expect(decideNow(record)).toEqual({ kind: 'regenerate', slot: 'primary', fingerprintBefore: first });
  });

  test('not before the inequality allows, by a promise', () => {
    const { keys } = recordOf();
    const until = (promisedUntil: number) =>
      regenerating({ keys: { ...keys, secondary: { ...keys.secondary, promisedUntil } } });
    expect(decideNow(until(now - marginMs))).toMatchObject({ kind: 'regenerate' });
    expect(decideNow(until(now - marginMs + 1))).toEqual({ kind: 'wait', because: 'promised', until: now + 1 });
  });

  test('not before the inequality allows, by the last switch', () => {
    const switchedOn = now - lastHeaderMs - marginMs;
    expect(decideNow(regenerating({ switchedOn }))).toMatchObject({ kind: 'regenerate' });
    expect(decideNow(regenerating({ switchedOn: switchedOn + 1 }))).toMatchObject({ because: 'promised' });
  });

  test('not while paused', () => {
    expect(decideNow(regenerating({ paused: true }))).toEqual({ kind: 'wait', because: 'paused', until: undefined });
  });

  test('once its own key is compromised: paused or not, without its drain', () => {
    const { keys } = recordOf();
    const promised = { ...keys, secondary: { ...keys.secondary, promisedUntil: now + 1 } };
    const record = regenerating({ compromised: 'secondary', paused: true, keys: promised, switchedOn: now });
    expect(decideNow(record)).toMatchObject({ kind: 'regenerate' });
  });

  test('not when the other key turns out to be compromised: the slot’s own is published, which is good until then', () => {
    expect(decideNow(regenerating({ compromised: 'primary' }))).toEqual({
      kind: 'enter',
      state: { phase: 'publishing', slot: 'secondary', fingerprint: second, intent: undefined },
    });
  });
});

describe('before the point of no return', () => {
  test.each<[FailureReason, string, Observation]>([
    ['active-key-refused', 'a gateway refuses the active key', { verdicts: verdicts({ first: 'refused' }) }],
    ['gateway-forbids', 'a gateway forbids the active key', { verdicts: verdicts({ first: 'forbidden' }) }],
    ['gateway-unknown', 'a gateway does not answer', { verdicts: verdicts({ first: 'unknown' }) }],
    ['gateway-unknown', 'only the other key was tried', { verdicts: verdicts({ second: 'accepted' }) }],
    ['vault-not-writable', 'Key Vault is read-only', { isVaultWritable: false }],
  ])('%s: %s', (reason, _case, changes) => {
    const record = regenerating();
    expect(decideNow(record, seenBy(record, changes))).toEqual({ kind: 'fail', reason });
  });

  test('vault-not-writable: nobody has tried to write', () => {
    const { isVaultWritable: _, ...seen } = seenBy(regenerating());
    expect(decideNow(regenerating(), seen)).toEqual({ kind: 'fail', reason: 'vault-not-writable' });
  });

  test('vault-unreadable: the published key was not read', () => {
    const { published: _, ...seen } = seenBy(regenerating());
    expect(decideNow(regenerating(), seen)).toEqual({ kind: 'fail', reason: 'vault-unreadable' });
  });

  test('gateway-unknown: no gateway was asked', () => {
    const { verdicts: _, ...seen } = seenBy(regenerating());
    expect(decideNow(regenerating(), seen)).toEqual({ kind: 'fail', reason: 'gateway-unknown' });
  });

  test('no observation, no step', () => {
    expect(decideNow(regenerating(), {})).toEqual({ kind: 'wait', because: 'not-seen', until: undefined });
  });

  test('the active key’s promise is extended first', () => {
    const { keys } = recordOf();
    const record = regenerating({ keys: { ...keys, primary: { ...keys.primary, promisedUntil: now } } });
    expect(decideNow(record)).toEqual({ kind: 'promise', safeUntil: now + terms.promiseMs });
  });

  test('a key changed outside is seen to first', () => {
    const record = regenerating();
    const seen = seenBy(record, { listed: { primary: fresh, secondary: second } });
    expect(decideNow(record, seen)).toMatchObject({ alert: 'key-changed-outside' });
  });
});

describe('a person regenerates', () => {
  test('the machine waits until the slot’s key is another than it was', () => {
    expect(decideNow(regenerating(), undefined, byHand)).toEqual({ kind: 'wait', because: 'person', until: undefined });
  });

  test('the new key is the sign that the person has acted', () => {
    const record = regenerating();
    const seen = seenBy(record, { listed: { primary: first, secondary: fresh } });
    expect(decideNow(record, seen, byHand)).toEqual({
      kind: 'enter',
      state: {
        phase: 'settling',
        slot: 'secondary',
        fingerprintBefore: second,
        regeneratedAt: now,
        fingerprint: undefined,
        accepts: 0,
      },
    });
  });

  test('is asked only when the vault can be written', () => {
    const record = regenerating();
    expect(decideNow(record, seenBy(record, { isVaultWritable: false }), byHand)).toMatchObject({
      reason: 'vault-not-writable',
    });
  });
});

describe('a young intent is left to its owner', () => {
  test('until its start + request timeout + 2ε', () => {
    const startedAt = now - ownedMs + 1;
    const record = claimed(intentOf({ startedAt }));
    expect(decideNow(record)).toEqual({ kind: 'wait', because: 'somebody-acts', until: now + 1 });
  });

  test('by the largest ε that the rotation has seen', () => {
    const record = { ...claimed(intentOf()), terms: { ...terms, skewMs: terms.skewMs + 1 } };
    expect(decideNow(record)).toMatchObject({ because: 'somebody-acts' });
  });

  test('whatever the machine would do otherwise', () => {
    const record = { ...claimed(intentOf({ startedAt: now })), compromised: 'primary', paused: true } as const;
    expect(decideNow(record, { ...seenBy(record), ...listing(fresh) })).toMatchObject({ because: 'somebody-acts' });
  });
});

describe('an ambiguous regenerate waits until two lists, a quarantine apart, agree', () => {
  const lookAt = (at: number, fingerprint = second) => claimed(intentOf({ look: { at, fingerprint } }));
  const quarantined = now - policy.quarantineMs;

  test('the first look is noted', () => {
    expect(decideNow(claimed(intentOf()), listing(fresh))).toEqual({ kind: 'look', fingerprint: fresh });
  });

  test('a look that disagrees with the one before is the first again', () => {
    expect(decideNow(lookAt(quarantined, second), listing(fresh))).toEqual({ kind: 'look', fingerprint: fresh });
    expect(decideNow(lookAt(quarantined, fresh), listing(second))).toEqual({ kind: 'look', fingerprint: second });
  });

  test('a second look too soon says nothing', () => {
    expect(decideNow(lookAt(quarantined + 1), listing())).toEqual({
      kind: 'wait',
      because: 'settling',
      until: now + 1,
    });
  });

  test('both show the old key: it did not happen, and may be tried again', () => {
    expect(decideNow(lookAt(quarantined), listing())).toEqual({
      kind: 'enter',
      state: { phase: 'regenerating', slot: 'secondary', intent: undefined },
    });
  });

  test('both show a new key: it happened, and settles from now', () => {
    expect(decideNow(lookAt(quarantined, fresh), listing(fresh))).toEqual({
      kind: 'enter',
      state: {
        phase: 'settling',
        slot: 'secondary',
        fingerprintBefore: second,
        regeneratedAt: now,
        fingerprint: undefined,
        accepts: 0,
      },
    });
  });

  test('no observation, no step', () => {
    expect(decideNow(claimed(intentOf()), {})).toEqual({ kind: 'wait', because: 'not-seen', until: undefined });
  });

  test('the active slot is never regenerated to find out', () => {
    for (const listed of [second, fresh, first]) {
      expect(decideNow(lookAt(quarantined, listed), listing(listed))).not.toMatchObject({ kind: 'regenerate' });
    }
  });
});
