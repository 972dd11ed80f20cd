import { describe, expect, test } from '@jest/globals';
import { apply, type Event } from '../../../shared/rotation/apply.ts';
import type { RotationRecord, State } from '../../../shared/rotation/record.ts';
import {
  fresh,
  intentOf,
  key,
  mirrored,
  now,
  policyOf,
  recordOf,
  second,
  terms,
} from '../../support/rotation-machine.ts';

const { everyMs } = policyOf();
const applyNow = (record: RotationRecord, event: Event) => apply(record, event, now, everyMs);
const regenerating: State = { phase: 'regenerating', slot: 'secondary', intent: undefined };
const publishing: State = { phase: 'publishing', slot: 'secondary', fingerprint: fresh, intent: undefined };
const settling: State = {
  phase: 'settling',
  slot: 'secondary',
  fingerprintBefore: second,
  regeneratedAt: now,
  fingerprint: fresh,
  accepts: 0,
};
const failed = { at: now - 1, reason: 'gateway-unknown', times: 3 } as const;
const entered = (state: State, more: Partial<Extract<Event, { kind: 'entered' }>> = {}): Event => ({
  kind: 'entered',
  state,
  alert: undefined,
  terms: undefined,
  ...more,
});
const { keys } = recordOf();

describe('a state is entered', () => {
  test('and what failed before is forgotten', () => {
    const record = recordOf({ lastFailure: failed });
    expect(applyNow(record, entered(publishing))).toEqual({ ...record, state: publishing, lastFailure: undefined });
  });

  test('with an alert, which stands in the record', () => {
    const after = applyNow(recordOf({ lastFailure: failed }), entered(publishing, { alert: 'key-changed-outside' }));
    expect(after).toMatchObject({
      state: publishing,
      lastFailure: { at: now, reason: 'key-changed-outside', times: 1 },
    });
  });

  describe('a slot that settles is unsettled', () => {
    const unsettled = recordOf({ state: settling, unsettled: 'secondary' });
    const publishingPrimary: State = { ...publishing, slot: 'primary' };
    const draining: State = { phase: 'draining', slot: 'secondary' };

    test('until its settling publishes it', () => {
      expect(applyNow(unsettled, entered(publishing)).unsettled).toBeUndefined();
    });

    test.each<[string, RotationRecord, State]>([
      ['the other slot is published', unsettled, publishingPrimary],
      ['it is asked for again', unsettled, regenerating],
      ['it is published by something else', { ...unsettled, state: draining }, publishing],
    ])('still when %s', (_case, record, state) => {
      expect(applyNow(record, entered(state)).unsettled).toBe('secondary');
    });
  });

  describe('regenerating at the start of a cycle', () => {
    const older = { ...terms, headerLifetimeMs: 9_000, visibilityMs: 9_000, flightMs: 90_000 };
    const recentTerms = { ...terms, headerLifetimeMs: 8_000, visibilityMs: 1 };
    const present = { ...terms, headerLifetimeMs: 1, visibilityMs: 2 };
    const record = recordOf({ terms: older, recentTerms });
    const after = applyNow(record, entered(regenerating, { terms: present }));

    test('what the cycle before the last had seen is forgotten: its promises have been waited out', () => {
      expect(after.terms).toEqual({ ...terms, headerLifetimeMs: 8_000, visibilityMs: 2 });
    });

    test('the present terms are remembered for the cycle after it', () => {
      expect(after.recentTerms).toEqual(present);
    });

    test('the cycle began here', () => {
      const { terms: after0, recentTerms: after1 } = after;
      expect(after).toEqual({
        ...record,
        state: regenerating,
        terms: after0,
        recentTerms: after1,
        cycleFrom: 'secondary',
      });
    });
  });

  test('regenerating within a cycle: the terms and the start stay', () => {
    const record = mirrored({ cycleFrom: 'secondary' });
    const state: State = { ...regenerating, slot: 'primary' };
    expect(applyNow(record, entered(state))).toEqual({ ...record, state });
  });

  test('other states start no cycle', () => {
    const record = recordOf();
    const smaller = { ...terms, headerLifetimeMs: 1 };
    expect(applyNow(record, entered(publishing, { terms: smaller }))).toEqual({ ...record, state: publishing });
  });

  test.each([
    ['secondary', now + everyMs],
    // It has not touched the secondary.
    ['primary', now],
  ] as const)('idle, after a cycle that began with the %s: when the next is due', (cycleFrom, dueAt) => {
    const record = recordOf({ state: { phase: 'draining', slot: 'secondary' }, cycleFrom, dueAt: now - 5 });
    expect(applyNow(record, entered({ phase: 'idle' }))).toEqual({
      ...record,
      state: { phase: 'idle' },
      cycleFrom: undefined,
      dueAt,
    });
  });

  test('idle without a cycle: what was due stays due', () => {
    const record = recordOf({ state: { phase: 'draining', slot: 'secondary' }, dueAt: now - 5 });
    expect(applyNow(record, entered({ phase: 'idle' }))).toEqual({ ...record, state: { phase: 'idle' } });
  });
});

describe('settling meets a new key', () => {
  const promised = { ...keys, secondary: { fingerprint: second, promisedUntil: now + 5 } };

  test('and keeps the slot’s promise: where lists are stale it may have been made for this very key', () => {
    const record = recordOf({ keys: promised });
    expect(applyNow(record, entered(settling))).toEqual({
      ...record,
      state: settling,
      unsettled: 'secondary',
      keys: { ...keys, secondary: { fingerprint: fresh, promisedUntil: now + 5 } },
    });
  });

  test('that is the one it knows: its promise stays', () => {
    const record = recordOf({ keys: promised, compromised: 'secondary' });
    const state: State = { ...settling, fingerprint: second };
    expect(applyNow(record, entered(state))).toEqual({ ...record, state, unsettled: 'secondary' });
  });

  test('and has not met one before it was listed', () => {
    const record = recordOf({ keys: promised });
    const state: State = { ...settling, fingerprint: undefined };
    expect(applyNow(record, entered(state))).toEqual({ ...record, state, unsettled: 'secondary' });
  });

  test('it is not the one that was compromised; that of the other slot still is', () => {
    expect(applyNow(recordOf({ compromised: 'secondary' }), entered(settling)).compromised).toBeUndefined();
    expect(applyNow(recordOf({ compromised: 'primary' }), entered(settling)).compromised).toBe('primary');
  });

  test('in settling alone', () => {
    const record = recordOf({ keys: promised });
    expect(applyNow(record, entered(publishing)).keys).toEqual(promised);
  });
});

describe('a promise is recorded before a reader can see it', () => {
  test('for the active key', () => {
    const safeUntil = now + 2 * terms.promiseMs;
    const promised = applyNow(recordOf(), { kind: 'promised', safeUntil });
    expect(promised.keys).toEqual({ ...keys, primary: { ...keys.primary, promisedUntil: safeUntil } });
    expect(applyNow(mirrored(), { kind: 'promised', safeUntil }).keys.secondary.promisedUntil).toBe(safeUntil);
  });

  test('with the intent to publish, for the key that will be published', () => {
    const record = recordOf({ state: publishing });
    const intent = intentOf();
    expect(applyNow(record, { kind: 'claimed', intent, safeUntil: now + 9 })).toEqual({
      ...record,
      state: { ...publishing, intent },
      keys: { ...keys, secondary: { ...keys.secondary, promisedUntil: now + 9 } },
    });
  });

  test('and a shorter one does not take back a longer', () => {
    expect(applyNow(recordOf(), { kind: 'promised', safeUntil: now }).keys).toEqual(keys);
    const record = recordOf({ state: { ...publishing, slot: 'primary' } });
    expect(applyNow(record, { kind: 'claimed', intent: intentOf(), safeUntil: now }).keys).toEqual(keys);
  });
});

describe('an intent', () => {
  const intent = intentOf();

  test('to regenerate promises nothing', () => {
    const record = recordOf({ state: regenerating });
    expect(applyNow(record, { kind: 'claimed', intent, safeUntil: undefined })).toEqual({
      ...record,
      state: { ...regenerating, intent },
    });
  });

  test('takes the place of one that was taken over', () => {
    const record = recordOf({ state: { ...publishing, intent: intentOf({ runner: 'worker-1' }) } });
    expect(applyNow(record, { kind: 'claimed', intent, safeUntil: undefined }).state).toEqual({
      ...publishing,
      intent,
    });
  });

  test('is noted with a look at what is listed, and when', () => {
    const record = recordOf({ state: { ...regenerating, intent } });
    expect(applyNow(record, { kind: 'looked', fingerprint: fresh })).toEqual({
      ...record,
      state: { ...regenerating, intent: { ...intent, look: { at: now, fingerprint: fresh } } },
    });
  });

  test('that was carried out settles from now, against the key that was there before', () => {
    const record = recordOf({ state: { ...regenerating, intent }, lastFailure: failed });
    expect(applyNow(record, { kind: 'regenerated' })).toEqual({
      ...record,
      state: { ...settling, fingerprint: undefined },
      unsettled: 'secondary',
      lastFailure: undefined,
    });
  });

  test.each<[string, State]>([
    ['regenerate', regenerating],
    ['publish', publishing],
  ])('that certainly came to nothing is given up, and anybody may try: to %s', (_case, state) => {
    const record = recordOf({
      state: state.phase === 'regenerating' ? { ...regenerating, intent } : { ...publishing, intent },
    });
    expect(applyNow(record, { kind: 'given-up', reason: 'authority-refused' })).toEqual({
      ...record,
      state,
      lastFailure: { at: now, reason: 'authority-refused', times: 1 },
    });
  });
});

describe('a switch', () => {
  const switched = {
    kind: 'switched',
    slot: 'secondary',
    fingerprint: fresh,
    generation: 5,
    safeUntil: undefined,
  } as const;

  test('makes the slot active and the other drain, from now', () => {
    const promised = { ...keys, secondary: { fingerprint: fresh, promisedUntil: now + 9 } };
    const record = recordOf({ state: publishing, keys: promised, lastFailure: failed });
    expect(applyNow(record, switched)).toEqual({
      ...record,
      active: 'secondary',
      generation: 5,
      switchedOn: now,
      state: { phase: 'draining', slot: 'primary' },
      lastFailure: undefined,
    });
  });

  test('takes up the key that was seen', () => {
    expect(applyNow(recordOf(), switched).keys).toEqual({
      ...keys,
      secondary: { ...keys.secondary, fingerprint: fresh },
    });
  });

  test('mirrors', () => {
    const after = applyNow(mirrored(), { ...switched, slot: 'primary' });
    expect(after).toMatchObject({ active: 'primary', state: { phase: 'draining', slot: 'secondary' } });
  });

  test('records what the tags promise, and takes back nothing', () => {
    const promisedBy = (safeUntil: number | undefined) => {
      const record = recordOf({ keys: { ...keys, secondary: { fingerprint: fresh, promisedUntil: now + 9 } } });
      return applyNow(record, { ...switched, safeUntil }).keys.secondary.promisedUntil;
    };
    expect([undefined, now + 8, now + 10].map(promisedBy)).toEqual([now + 9, now + 9, now + 10]);
  });

  test('to another key than the compromised one ends the emergency; to the same, or in the other slot, it does not', () => {
    const after = (compromised: 'primary' | 'secondary', fingerprint = fresh) =>
      applyNow(recordOf({ compromised }), { ...switched, fingerprint }).compromised;
    expect(after('secondary')).toBeUndefined();
    expect(after('secondary', second)).toBe('secondary');
    expect(after('primary')).toBe('primary');
  });

  test('never goes back a generation', () => {
    expect(applyNow(recordOf({ generation: 9 }), switched).generation).toBe(9);
  });
});

describe('a failure', () => {
  test('is counted for as long as its reason stays', () => {
    const record = recordOf({ lastFailure: failed });
    const again = applyNow(record, { kind: 'failed', reason: 'gateway-unknown' });
    expect(again).toEqual({ ...record, lastFailure: { at: now, reason: 'gateway-unknown', times: 4 } });
    expect(applyNow(again, { kind: 'failed', reason: 'vault-not-writable' }).lastFailure).toEqual({
      at: now,
      reason: 'vault-not-writable',
      times: 1,
    });
  });

  test('that is the first is counted once', () => {
    expect(applyNow(recordOf(), { kind: 'failed', reason: 'gateway-unknown' }).lastFailure?.times).toBe(1);
  });
});

test('terms that changed during a rotation: the largest that the record has seen count', () => {
  const record = recordOf({ recentTerms: { ...terms, flightMs: 1 } });
  const changed = { ...terms, headerLifetimeMs: 1, propagationMs: 999_999 };
  expect(applyNow(record, { kind: 'terms', terms: changed })).toEqual({
    ...record,
    terms: { ...terms, propagationMs: 999_999 },
    recentTerms: { ...terms, propagationMs: 999_999 },
  });
});

describe('an event that does not fit the state changes nothing', () => {
  const others: readonly State[] = [{ phase: 'idle' }, settling, { phase: 'draining', slot: 'secondary' }];
  const intent = intentOf();

  test.each<[string, Event, readonly State[]]>([
    ['claimed', { kind: 'claimed', intent, safeUntil: now + 2 * terms.promiseMs }, others],
    [
      'looked',
      { kind: 'looked', fingerprint: key('x') },
      [...others, regenerating, publishing, { ...publishing, intent }],
    ],
    ['regenerated', { kind: 'regenerated' }, [...others, regenerating, publishing, { ...publishing, intent }]],
  ])('%s', (_case, event, states) => {
    for (const state of states) {
      const record = recordOf({ state });
      expect(applyNow(record, event)).toEqual(record);
    }
  });

  test('given up, where there was no intent: the reason alone is noted', () => {
    for (const state of others) {
      const record = recordOf({ state });
      const lastFailure = { at: now, reason: 'authority-refused', times: 1 };
      const after = applyNow(record, { kind: 'given-up', reason: 'authority-refused' });
      expect(after).toStrictEqual({ ...record, lastFailure });
    }
  });
});
