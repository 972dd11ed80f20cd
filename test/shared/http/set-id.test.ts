import { describe, expect, test } from '@jest/globals';
import { createFingerprintOf } from '../../../shared/credentials/fingerprint.ts';
import { createSetIds, type Recipient } from '../../../shared/http/set-id.ts';
import type { AccessLevel, ApiName, Guid } from '../../../shared/names.ts';
import { Secret } from '../../../shared/secret.ts';
import { refusalOf, signal } from './exchange.ts';
import { billing } from './offers.ts';

/** The ids of one instance of a deployment with this fingerprint key. */
function setIdsOf(key = 'k'.repeat(32)) {
  const loaded = { value: createFingerprintOf(new Secret(key)), refreshAt: Infinity, expiresAt: Infinity };
  return createSetIds({ get: async () => loaded });
}

const withToken = 'hs_aaaaaaaaaaaabbbbbbbbbbbb';
const keyOnly = 'hs_aaaaaaaaaaaa';
const access = '.default' as AccessLevel;
const recipient: Recipient = { caller: billing, api: 'payments' as ApiName, access };
const foreign = { code: 'foreign-header-set', reason: 'set-foreign' };
const unseal = (sealed: string, by: Recipient = recipient, key?: string) =>
  refusalOf(setIdsOf(key).unseal(sealed, by, signal));

describe('the id of a header set', () => {
  test.each([withToken, keyOnly])('%s is unsealed for whom it was sealed, by every instance', async (id) => {
    const sealed = await setIdsOf().seal(id, recipient, signal);
    expect(sealed).toMatch(/^hs_[\w-]{28,40}$/);
    expect(await setIdsOf().unseal(sealed, recipient, signal)).toBe(id);
  });

  test.each<[string, Partial<Recipient>]>([
    ['another application', { caller: { ...billing, clientId: '11111111-1111-4111-8111-111111111111' as Guid } }],
    ['another principal', { caller: { ...billing, objectId: '11111111-1111-4111-8111-111111111111' as Guid } }],
    ['another API', { api: 'core' as ApiName }],
    ['another access level', { access: 'get' as AccessLevel }],
    ['no access level', { access: undefined }],
  ])('is not unsealed for %s', async (_whom, change) => {
    const sealed = await setIdsOf().seal(withToken, recipient, signal);
    expect(await unseal(sealed, { ...recipient, ...change })).toEqual(foreign);
  });

  test('is the same again for whom it was sealed last, and another for each other set, recipient and key, whoever comes in between', async () => {
    const loaded = { value: createFingerprintOf(new Secret('k'.repeat(32))), refreshAt: Infinity, expiresAt: Infinity };
    const setIds = createSetIds({ get: async () => loaded });
    const recipients: Recipient[] = [
      recipient,
      { ...recipient, access: undefined },
      { ...recipient, api: 'core' as ApiName },
      { ...recipient, caller: { ...billing, objectId: '11111111-1111-4111-8111-111111111111' as Guid } },
    ];
    for (const key of ['k', 'l', 'k'].map((character) => character.repeat(32))) {
      loaded.value = createFingerprintOf(new Secret(key));
      for (const id of [withToken, withToken, keyOnly, withToken]) {
        const sealed = await Promise.all(recipients.map((each) => setIds.seal(id, each, signal)));
        expect(sealed).toEqual(await Promise.all(recipients.map((each) => setIdsOf(key).seal(id, each, signal))));
        expect(new Set(sealed).size).toBe(recipients.length);
      }
    }
  });

  test('is not unsealed with any of its characters altered, left out or added', async () => {
    const sealed = await setIdsOf().seal(withToken, recipient, signal);
    for (let at = 0; at < sealed.length; at += 1) {
      const [before, after] = [sealed.slice(0, at), sealed.slice(at + 1)];
      for (const put of ['', sealed[at] === 'A' ? 'B' : 'A', `${sealed[at]}A`]) {
        expect(await unseal(before + put + after)).toEqual(foreign);
      }
    }
  });

  test.each([withToken, keyOnly, 'hs_', '', 'å'.repeat(40)])('is not unsealed without a seal: %j', async (id) => {
    expect(await unseal(id)).toEqual(foreign);
  });

  test('is not unsealed under another fingerprint key', async () => {
    const sealed = await setIdsOf().seal(withToken, recipient, signal);
    expect(await unseal(sealed, recipient, 'l'.repeat(32))).toEqual(foreign);
  });

  test('has a seal that is no fingerprint of what it seals', async () => {
    const sealed = await setIdsOf().seal(keyOnly, recipient, signal);
    const text = JSON.stringify([keyOnly, billing.clientId, billing.objectId, 'payments', access]);
    const fingerprint = createFingerprintOf(new Secret('k'.repeat(32)))(new Secret(text));
    expect(sealed).not.toContain(fingerprint);
  });
});
