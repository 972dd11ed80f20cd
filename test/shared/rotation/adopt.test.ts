import { describe, expect, test } from '@jest/globals';
import { adopt } from '../../../shared/rotation/adopt.ts';
import { decide } from '../../../shared/rotation/decide.ts';
import type { Observation } from '../../../shared/rotation/observation.ts';
import { otherSlot, slots } from '../../../shared/rotation/slot.ts';
import { first, foreign, name, now, policyOf, second, seenBy, terms } from '../../support/rotation-machine.ts';

const policy = policyOf();
const listed = { primary: first, secondary: second };
const untagged = { fingerprint: first, generation: undefined, safeUntil: undefined };
const seen: Observation = { published: untagged, listed };

describe('a secret without tags is adopted', () => {
  test('as generation 1, at rest, with a cycle due after `every`', () => {
    expect(adopt(name, seen, policy, now)).toEqual({
      schemaVersion: 1,
      subscription: name,
      generation: 1,
      active: 'primary',
      switchedOn: now,
      keys: { primary: { fingerprint: first, promisedUntil: 0 }, secondary: { fingerprint: second, promisedUntil: 0 } },
      terms,
      recentTerms: terms,
      state: { phase: 'idle' },
      paused: false,
      dueAt: now + policy.everyMs,
      cycleFrom: undefined,
      compromised: undefined,
      lastFailure: undefined,
    });
  });

  test.each(slots)('its slot is found by comparing it with what is listed: %s', (slot) => {
    const record = adopt(name, { ...seen, published: { ...untagged, fingerprint: listed[slot] } }, policy, now);
    expect(record?.active).toBe(slot);
    expect(record?.keys[slot].fingerprint).toBe(listed[slot]);
    expect(record?.keys[otherSlot(slot)].fingerprint).toBe(listed[otherSlot(slot)]);
  });

  test('its first promise is the first step', () => {
    const record = adopt(name, seen, policy, now);
    expect(record && decide(record, seenBy(record), policy, now)).toEqual({
      kind: 'promise',
      safeUntil: now + terms.promiseMs,
    });
  });
});

describe('a lost record is taken at its worst', () => {
  const horizon = now + terms.promiseMs;

  test.each(slots)(
    'with the %s published: its generation is what its tags say, and both slots are promised in full',
    (slot) => {
      const published = { fingerprint: listed[slot], generation: 7, safeUntil: now + 5 };
      const record = adopt(name, { published, listed }, policy, now);
      expect(record?.generation).toBe(7);
      expect(record?.active).toBe(slot);
      expect(record?.keys[slot].promisedUntil).toBe(horizon);
      expect(record?.keys[otherSlot(slot)].promisedUntil).toBe(horizon);
      expect(record?.unsettled).toBe(otherSlot(slot));
    },
  );

  test.each([
    [horizon + 5, horizon + 5],
    [undefined, horizon],
  ])('a promise of %p in the tags counts as %p', (safeUntil, expected) => {
    const record = adopt(name, { published: { fingerprint: first, generation: 7, safeUntil }, listed }, policy, now);
    expect(record?.keys.primary.promisedUntil).toBe(expected);
    expect(record?.keys.secondary.promisedUntil).toBe(horizon);
  });
});

describe('a record is lost, and the active key was changed outside', () => {
  const published = { fingerprint: foreign, generation: 7, safeUntil: now + 5 };

  test.each(slots)(
    'its tag says which slot it was: %s, whose listed key is published once a gateway accepts it',
    (slot) => {
      const seenLost = { published: { ...published, slot }, listed };
      const record = adopt(name, seenLost, policy, now);
      expect(record).toMatchObject({ active: slot, generation: 7, keys: { [slot]: { fingerprint: listed[slot] } } });
      const later = now + terms.visibilityMs + 2 * terms.skewMs;
      const verdicts = new Map([[listed[slot], ['accepted'] as const]]);
      expect(record && decide(record, { ...seenLost, verdicts }, policy, later)).toEqual({
        kind: 'enter',
        state: { phase: 'publishing', slot, fingerprint: listed[slot], intent: undefined },
        alert: 'key-changed-outside',
      });
    },
  );

  test('and the tag is spoilt: nothing is adopted', () => {
    expect(adopt(name, { published: { ...published, slot: undefined }, listed }, policy, now)).toBeUndefined();
  });
});

describe('nothing is adopted', () => {
  test.each<[string, Observation]>([
    ['when nothing was seen', {}],
    ['when the published key could not be read', { listed }],
    ['when the keys could not be listed', { published: untagged }],
    ['when the published key is neither of those listed', { published: { ...untagged, fingerprint: foreign }, listed }],
    [
      'when it is neither of those listed, and its slot was tagged by another hand',
      { published: { ...untagged, fingerprint: foreign, slot: 'primary' }, listed },
    ],
  ])('%s', (_case, observation) => {
    expect(adopt(name, observation, policy, now)).toBeUndefined();
  });
});
