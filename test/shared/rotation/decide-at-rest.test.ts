import { describe, expect, test } from '@jest/globals';
import { decide } from '../../../shared/rotation/decide.ts';
import type { Observation } from '../../../shared/rotation/observation.ts';
import type { RotationRecord } from '../../../shared/rotation/record.ts';
import {
  first,
  foreign,
  fresh,
  key,
  lastHeaderMs,
  marginMs,
  mirrored,
  now,
  policyOf,
  recordOf,
  second,
  seenBy,
  terms,
  verdicts,
} from '../../support/rotation-machine.ts';

const policy = policyOf();
const decideNow = (record: RotationRecord, seen = seenBy(record), by = policy) => decide(record, seen, by, now);
const promisedUntil = (until: number) => {
  const { keys } = recordOf();
  return recordOf({ keys: { ...keys, secondary: { ...keys.secondary, promisedUntil: until } } });
};

describe('a cycle starts', () => {
  test('with the slot that is not active: the secondary', () => {
    expect(decideNow(recordOf())).toEqual({
      kind: 'enter',
      state: { phase: 'regenerating', slot: 'secondary', intent: undefined },
      startsCycle: true,
    });
  });

  test('with the primary when the secondary is active', () => {
    expect(decideNow(mirrored())).toMatchObject({ state: { slot: 'primary' } });
  });

  test('the moment it is due', () => {
    expect(decideNow(recordOf({ dueAt: now }))).toMatchObject({ kind: 'enter' });
    expect(decideNow(recordOf({ dueAt: now + 1 }))).toEqual({ kind: 'wait', because: 'not-due', until: now + 1 });
  });

  test('the moment every promise that the record holds for the other slot has ended, with 2ε + F', () => {
    expect(decideNow(promisedUntil(now - marginMs))).toMatchObject({ kind: 'enter' });
    const until = now + 1;
    expect(decideNow(promisedUntil(until - marginMs))).toEqual({ kind: 'wait', because: 'promised', until });
  });

  test('the moment every header set from before the last switch has ended', () => {
    const switchedOn = now - lastHeaderMs - marginMs;
    expect(decideNow(recordOf({ switchedOn }))).toMatchObject({ kind: 'enter' });
    const until = now + 1;
    expect(decideNow(recordOf({ switchedOn: switchedOn + 1 }))).toEqual({ kind: 'wait', because: 'promised', until });
  });

  test('not while paused', () => {
    expect(decideNow(recordOf({ paused: true }))).toEqual({ kind: 'wait', because: 'paused', until: undefined });
  });

  test('only in a maintenance window, asked for the present moment', () => {
    const asked: number[] = [];
    const mayStart = (at: number) => asked.push(at) === 0;
    expect(decideNow(recordOf(), undefined, policyOf({ mayStart }))).toEqual({
      kind: 'wait',
      because: 'outside-window',
      until: undefined,
    });
    expect(asked).toEqual([now]);
  });
});

describe('an emergency', () => {
  const record = recordOf({ compromised: 'primary', dueAt: now + 1 });

  test('publishes the other slot’s key at once, before it is due and outside its windows', () => {
    expect(decideNow(record, undefined, policyOf({ mayStart: () => false }))).toEqual({
      kind: 'enter',
      state: { phase: 'publishing', slot: 'secondary', fingerprint: second, intent: undefined },
    });
  });

  test('promises a compromised key no further', () => {
    const { keys } = record;
    const unpromised = { ...keys, primary: { ...keys.primary, promisedUntil: 0 } };
    expect(decideNow({ ...record, keys: unpromised })).toMatchObject({ state: { phase: 'publishing' } });
  });

  test('mirrors when the secondary is compromised', () => {
    expect(decideNow(mirrored({ compromised: 'secondary' }))).toMatchObject({
      state: { phase: 'publishing', slot: 'primary', fingerprint: first },
    });
  });

  test('in the other slot needs neither a due date nor a window nor a drain, paused or not', () => {
    const inOther = { ...promisedUntil(now + 1_000), compromised: 'secondary', dueAt: now + 1, paused: true } as const;
    expect(decideNow(inOther, undefined, policyOf({ mayStart: () => false }))).toMatchObject({
      state: { phase: 'regenerating', slot: 'secondary' },
    });
  });
});

describe('the promise of the active key', () => {
  const leftMs = (left: number, promiseMs = terms.promiseMs): RotationRecord => {
    const { keys } = recordOf();
    const primary = { ...keys.primary, promisedUntil: now + left };
    return recordOf({ keys: { ...keys, primary }, terms: { ...terms, promiseMs }, dueAt: now + 1 });
  };
  const threeQuarters = terms.promiseMs * 0.75;

  test('is extended when less than three quarters of the horizon is left', () => {
    expect(decideNow(leftMs(threeQuarters - 1))).toEqual({ kind: 'promise', safeUntil: now + terms.promiseMs });
    expect(decideNow(leftMs(threeQuarters))).not.toMatchObject({ kind: 'promise' });
  });

  test('waits for a step that is due while half of it is left, so that a short one never keeps a cycle waiting', () => {
    const due = (left: number) => decideNow({ ...leftMs(left), dueAt: now });
    expect(due(terms.promiseMs / 2 - 1)).toEqual({ kind: 'promise', safeUntil: now + terms.promiseMs });
    expect(due(terms.promiseMs / 2)).toMatchObject({ kind: 'enter' });
  });

  test('is renewed early while a step fails, as while nothing is due', () => {
    const { keys } = recordOf();
    const primary = { ...keys.primary, promisedUntil: now + threeQuarters - 1 };
    const state = { phase: 'regenerating', slot: 'secondary', intent: undefined } as const;
    const record = recordOf({ keys: { ...keys, primary }, state });
    expect(decideNow(record, { ...seenBy(record), isVaultWritable: false })).toMatchObject({ kind: 'promise' });
  });

  test('reaches as far as the configuration says now, not as an older one did', () => {
    expect(decideNow(leftMs(threeQuarters, 2 * terms.promiseMs))).not.toMatchObject({ kind: 'promise' });
    expect(decideNow(leftMs(0, 2 * terms.promiseMs))).toMatchObject({ safeUntil: now + terms.promiseMs });
  });

  test('comes before all else, paused or not', () => {
    expect(decideNow({ ...leftMs(0), paused: true })).toMatchObject({ kind: 'promise' });
  });

  test.each<[string, number | undefined, string]>([
    ['absent', undefined, 'tag'],
    ['less than the record’s', now + terms.promiseMs - 1, 'tag'],
    ['the record’s', now + terms.promiseMs, 'wait'],
    ['more than the record’s', now + terms.promiseMs + 1, 'wait'],
  ])('is written into the tags again when they say less than the record: %s', (_case, safeUntil, kind) => {
    const record = recordOf({ dueAt: now + 1 });
    const published = { fingerprint: first, generation: record.generation, safeUntil };
    expect(decideNow(record, seenBy(record, { published })).kind).toBe(kind);
  });

  test('is written into the tags as the record has it', () => {
    const record = recordOf({ dueAt: now + 1 });
    const published = { fingerprint: first, generation: record.generation, safeUntil: undefined };
    expect(decideNow(record, seenBy(record, { published }))).toEqual({ kind: 'tag', safeUntil: now + terms.promiseMs });
  });
});

describe('a key changed outside', () => {
  const record = recordOf({ dueAt: now + 1 });
  const published = { fingerprint: first, generation: 4, safeUntil: now };
  const regenerated: Observation = { published, listed: { primary: fresh, secondary: second } };
  const adopted = {
    kind: 'enter',
    state: { phase: 'publishing', slot: 'primary', fingerprint: fresh, intent: undefined },
    alert: 'key-changed-outside',
  };
  const unsure = { kind: 'fail', reason: 'key-changed-outside' };

  test('is adopted at once, with an alert, when the gateways accept it', () => {
    const seen = { ...regenerated, verdicts: verdicts({ fresh: 'accepted', first: 'accepted' }) };
    expect(decideNow(record, seen)).toEqual(adopted);
  });

  test('is adopted when the gateways refuse the published one', () => {
    const seen = { ...regenerated, verdicts: verdicts({ fresh: 'unknown', first: 'refused' }) };
    expect(decideNow(record, seen)).toEqual(adopted);
  });

  test.each<[string, Observation]>([
    ['no gateway was asked', {}],
    ['neither is known', { verdicts: verdicts({ fresh: 'unknown', first: 'unknown' }) }],
    [
      'the gateways know only the published one: the list may be stale',
      { verdicts: verdicts({ fresh: 'refused', first: 'accepted' }) },
    ],
    ['the published one is forbidden', { verdicts: verdicts({ fresh: 'unknown', first: 'forbidden' }) }],
  ])('is not adopted, and somebody is told, while %s', (_case, more) => {
    expect(decideNow(record, { ...regenerated, ...more })).toEqual(unsure);
  });

  test('does not hold up the machine with what a read may still show just after a switch: V + 2ε', () => {
    const seen = { ...regenerated, verdicts: verdicts({ fresh: 'accepted', first: 'accepted' }) };
    const until = 1_000 + 16_000;
    const justSwitched = { ...record, switchedOn: now - until + 1 };
    expect(decideNow(justSwitched, seen)).toEqual({ kind: 'wait', because: 'not-seen', until: undefined });
    expect(decideNow({ ...record, switchedOn: now - until }, seen)).toEqual(adopted);
  });

  test.each<[string, number | undefined, number]>([
    ['without tags', undefined, 4],
    ['of the record’s generation', 4, 4],
    ['of a newer one', 9, 9],
  ])(
    'published as the other slot’s key, %s: its slot drains no more, and the generation never goes back',
    (_case, generation, newest) => {
      const seen = seenBy(record, { published: { fingerprint: second, generation, safeUntil: now + 3 } });
      expect(decideNow(record, seen)).toEqual({
        kind: 'switched',
        slot: 'secondary',
        fingerprint: second,
        generation: newest,
        safeUntil: now + 3,
        alert: 'key-changed-outside',
      });
    },
  );

  test('published by a write that came late, of an older generation, is replaced', () => {
    const seen = seenBy(record, { published: { fingerprint: second, generation: 3, safeUntil: undefined } });
    expect(decideNow(record, seen)).toEqual({
      ...adopted,
      state: { phase: 'publishing', slot: 'primary', fingerprint: first, intent: undefined },
    });
  });

  test('is what an older version of the active key counts as', () => {
    const seen = seenBy(record, { published: { fingerprint: first, generation: 3, safeUntil: now + terms.promiseMs } });
    expect(decideNow(record, seen)).toMatchObject({ alert: 'key-changed-outside' });
  });

  test('is what the active key of a newer generation counts as: a publish whose answer was lost', () => {
    const seen = seenBy(record, { published: { fingerprint: first, generation: 6, safeUntil: now + 3 } });
    expect(decideNow(record, seen)).toEqual({
      kind: 'switched',
      slot: 'primary',
      fingerprint: first,
      generation: 6,
      safeUntil: now + 3,
    });
  });

  test('mirrors when the secondary is active', () => {
    const seen = seenBy(mirrored(), {
      published: { fingerprint: foreign, generation: 4, safeUntil: now },
      verdicts: verdicts({ second: 'accepted', foreign: 'accepted' }),
    });
    expect(decideNow(mirrored(), seen)).toMatchObject({ state: { slot: 'secondary', fingerprint: second } });
  });

  test('is not what absent tags make of the right key', () => {
    for (const generation of [undefined, 4]) {
      const seen = seenBy(record, {
        published: { fingerprint: key('first'), generation, safeUntil: now + terms.promiseMs },
      });
      expect(decideNow(record, seen)).toMatchObject({ because: 'not-due' });
    }
  });
});

describe('no observation, no step, at rest: what was seen is', () => {
  const seen = seenBy(recordOf());
  const { published, listed } = seen;

  test('nothing', () => {
    expect(decideNow(recordOf(), {})).toMatchObject({ kind: 'wait', because: 'not-seen' });
  });

  test('the list alone', () => {
    expect(decideNow(recordOf(), listed ? { listed } : {})).toMatchObject({ kind: 'wait' });
  });

  test('the published key alone', () => {
    expect(decideNow(recordOf(), published ? { published } : {})).toMatchObject({ kind: 'wait' });
  });
});
