import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { alternateOf, readTags, withoutOurs, writeTags } from '../../../shared/azure/key-tags.ts';
import type { Fingerprint, SecretName } from '../../../shared/names.ts';
import { slots } from '../../../shared/rotation/slot.ts';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const facts = fc.record(
  {
    generation: fc.integer({ min: 1, max: 999_999_999_999_999 }),
    slot: fc.constantFrom(...slots),
    fingerprint: fc
      .string({ unit: fc.constantFrom(...Array.from(alphabet)), minLength: 12, maxLength: 12 })
      .map((text) => text as Fingerprint),
    safeUntil: fc.integer({ min: 0, max: 253_402_300_799_999 }),
  },
  { noNullPrototype: true },
);

test('what tags say of a key is read as it was written, to the millisecond, beside the tags of others', () => {
  fc.assert(fc.property(facts, (known) => expect(readTags({ owner: 'x', ...writeTags(known) })).toEqual(known)));
});

test('tags fit what Key Vault takes', () => {
  const longest = (tags: object) => Math.max(...Object.values(tags).map((value) => String(value).length));
  fc.assert(fc.property(facts, (known) => longest(writeTags(known)) <= 256));
});

test('a key without a promise has no tag of one', () => {
  fc.assert(
    fc.property(facts, ({ safeUntil: _promise, ...known }) => expect(writeTags(known)).not.toHaveProperty('safeUntil')),
  );
});

test('the tags of others are those that rotation does not write', () => {
  fc.assert(
    fc.property(facts, (known) => expect(withoutOurs({ owner: 'x', ...writeTags(known) })).toEqual({ owner: 'x' })),
  );
});

test('the name of the alternate fits the 127 characters that Key Vault takes, for the longest that the configuration takes', () => {
  expect(alternateOf('n'.repeat(117) as SecretName)).toHaveLength(127);
});
