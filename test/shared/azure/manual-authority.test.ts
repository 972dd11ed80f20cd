import { describe, expect, test } from '@jest/globals';
import { createManualAuthority } from '../../../shared/azure/manual-authority.ts';
import { BrokerError } from '../../../shared/errors.ts';
import type { SecretName } from '../../../shared/names.ts';
import type { PublishedKey } from '../../../shared/rotation/ports.ts';
import { Secret } from '../../../shared/secret.ts';
import { createMemoryStore } from '../../support/memory-ports.ts';

const signal = new AbortController().signal;
const alternate = 'name-alternate' as SecretName;
const fromRotation = { generation: 3, slot: 'primary' } as const;
const untouched = { generation: undefined, slot: undefined };

function create(published: Pick<PublishedKey, 'generation' | 'slot'>, other: string | undefined, value = 'active') {
  const { store } = createMemoryStore(other === undefined ? {} : { [alternate]: other });
  const key = { fingerprint: undefined, safeUntil: undefined, version: '1', secret: new Secret(value), ...published };
  return createManualAuthority({ publisher: { read: async () => key }, store }, { alternate });
}

describe('the keys that a person regenerates', () => {
  test.each([
    ['primary', fromRotation, ['active', 'other']],
    ['secondary', { ...fromRotation, slot: 'secondary' }, ['other', 'active']],
    ['primary, where rotation has not published anything yet', untouched, ['active', 'other']],
  ] as const)(
    'are the published one and the alternate one, the active slot being %s',
    async (_name, facts, expected) => {
      const { primary, secondary } = await create(facts, 'other').list(signal);
      expect([primary.open(), secondary.open()]).toEqual(expected);
    },
  );

  test.each<[string, Pick<PublishedKey, 'generation' | 'slot'>, string | undefined, string]>([
    [
      'the published key does not say which slot it is in',
      { generation: 3, slot: undefined },
      'other',
      'authority-refused',
    ],
    ['the person has stored the active one', fromRotation, 'active', 'authority-refused'],
    ['the person has stored it with a newline at its end', fromRotation, 'other\n', 'authority-refused'],
    ['the person has not stored one yet', fromRotation, undefined, 'vault-secret-missing'],
  ])('are not listed while %s', async (_name, facts, other, reason) => {
    await expect(create(facts, other).list(signal)).rejects.toMatchObject({ name: 'BrokerError', reason });
  });

  test('are not listed while the published one cannot be read', async () => {
    const authority = createManualAuthority(
      {
        publisher: { read: () => Promise.reject(new BrokerError('vault-unavailable')) },
        store: createMemoryStore({ [alternate]: 'other' }).store,
      },
      { alternate },
    );
    await expect(authority.list(signal)).rejects.toMatchObject({ reason: 'vault-unavailable' });
  });
});
