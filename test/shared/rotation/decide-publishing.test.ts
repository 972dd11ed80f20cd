import { describe, expect, test } from '@jest/globals';
import { decide } from '../../../shared/rotation/decide.ts';
import type { Observation } from '../../../shared/rotation/observation.ts';
import type { Intent, RotationRecord } from '../../../shared/rotation/record.ts';
import {
  first,
  fresh,
  intentOf,
  now,
  ownedMs,
  policyOf,
  recordOf,
  second,
  seenBy,
  terms,
} from '../../support/rotation-machine.ts';

const policy = policyOf();
const publishing = (intent?: Intent, changes: Partial<RotationRecord> = {}) =>
  recordOf({ state: { phase: 'publishing', slot: 'secondary', fingerprint: second, intent }, ...changes });
const decideNow = (record: RotationRecord, seen = seenBy(record)) => decide(record, seen, policy, now);
const publish = { kind: 'publish', slot: 'secondary', fingerprint: second, safeUntil: now + terms.promiseMs };

describe('a key is published', () => {
  test('with a promise of the whole horizon', () => {
    expect(decideNow(publishing())).toEqual(publish);
  });

  test('with the longest horizon that the rotation has seen', () => {
    const promiseMs = terms.promiseMs + 1;
    const record = publishing(undefined, { terms: { ...terms, promiseMs } });
    expect(decideNow(record)).toEqual({ ...publish, safeUntil: now + promiseMs });
  });

  test('while paused, too', () => {
    expect(decideNow(publishing(undefined, { paused: true }))).toEqual(publish);
  });

  test('again, when the owner of an intent has had its time', () => {
    expect(decideNow(publishing(intentOf()))).toEqual(publish);
  });

  test('the retiring key is promised no further', () => {
    const { keys } = recordOf();
    const unpromised = { ...keys, primary: { ...keys.primary, promisedUntil: 0 } };
    expect(decideNow(publishing(undefined, { keys: unpromised }))).toEqual(publish);
  });
});

test('a young intent is left to its owner', () => {
  const record = publishing(intentOf({ startedAt: now - ownedMs + 1 }));
  const seen = seenBy(record, { published: { fingerprint: second, generation: 5, safeUntil: now } });
  expect(decideNow(record, seen)).toEqual({ kind: 'wait', because: 'somebody-acts', until: now + 1 });
});

describe('the switch is noted when the read shows', () => {
  test.each<[string, Partial<NonNullable<Observation['published']>>, string]>([
    ['the key with its generation', {}, 'switched'],
    ['the key of an older generation', { generation: 4 }, 'publish'],
    ['the key of a newer generation', { generation: 6 }, 'publish'],
    ['the key without tags', { generation: undefined }, 'publish'],
    ['another key of its generation', { fingerprint: first }, 'publish'],
  ])('%s', (_case, changes, kind) => {
    for (const intent of [undefined, intentOf()]) {
      const record = publishing(intent);
      const published = { fingerprint: second, generation: 5, safeUntil: now, ...changes };
      expect(decideNow(record, seenBy(record, { published }))).toMatchObject({ kind });
    }
  });

  test('with slot, fingerprint and generation of what was published', () => {
    const record = publishing();
    const published = { fingerprint: second, generation: 5, safeUntil: now };
    expect(decideNow(record, seenBy(record, { published }))).toEqual({
      kind: 'switched',
      slot: 'secondary',
      fingerprint: second,
      generation: 5,
      safeUntil: now,
    });
  });
});

test('settling restarts when the key to publish is no longer the one listed', () => {
  const record = publishing();
  expect(decideNow(record, seenBy(record, { listed: { primary: first, secondary: fresh } }))).toEqual({
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

test('the active key, adopted anew, is not settled: what is published is looked at again', () => {
  const record = recordOf({ state: { phase: 'publishing', slot: 'primary', fingerprint: fresh, intent: undefined } });
  expect(decideNow(record)).toEqual({ kind: 'enter', state: { phase: 'draining', slot: 'secondary' } });
  const adopted = seenBy(record, { listed: { primary: fresh, secondary: second } });
  expect(decideNow(record, adopted)).toMatchObject({ kind: 'publish', slot: 'primary', fingerprint: fresh });
});

describe('no observation, no step: publishing', () => {
  const { published, listed } = seenBy(publishing());

  test.each<[string, Observation]>([
    ['nothing', {}],
    ['the list alone', listed ? { listed } : {}],
    ['the published key alone', published ? { published } : {}],
  ])('%s was seen', (_case, seen) => {
    expect(decideNow(publishing(), seen)).toEqual({ kind: 'wait', because: 'not-seen', until: undefined });
  });
});
