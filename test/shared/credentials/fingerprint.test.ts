import { expect, test } from '@jest/globals';
import { createFingerprintOf } from '../../../shared/credentials/fingerprint.ts';
import { Secret } from '../../../shared/secret.ts';
import { createCredentials } from '../../support/credentials.ts';

const key = new Secret('k'.repeat(32));

test('one secret has one fingerprint, of 12 characters of base64url', () => {
  const fingerprint = createFingerprintOf(key)(new Secret('a'));
  expect(createFingerprintOf(key)(new Secret('a'))).toBe(fingerprint);
  expect(fingerprint).toMatch(/^[\w-]{12}$/);
});

test('another secret, or another key, has another fingerprint', () => {
  const fingerprints = [
    createFingerprintOf(key)(new Secret('a')),
    createFingerprintOf(key)(new Secret('b')),
    createFingerprintOf(new Secret('l'.repeat(32)))(new Secret('a')),
  ];
  expect(new Set(fingerprints).size).toBe(3);
});

test('a key of 32 characters is needed, so that nobody can guess it and tie a fingerprint to a secret', () => {
  expect(() => createFingerprintOf(new Secret('k'.repeat(31)))).toThrow('vault-secret-malformed');
});

test('the key is read once for the life of an instance, and waited for no longer than any read', async () => {
  const { fingerprints, vault, clock, signal } = createCredentials();
  vault.state.gate = new Promise(() => {});
  const refused = expect(fingerprints.get(0, signal)).rejects.toMatchObject({ reason: 'vault-unavailable' });
  await clock.advance(3_000);
  await refused;
  vault.state.gate = Promise.resolve();
  await clock.advance(2_000);
  const first = await fingerprints.get(0, signal);
  await clock.advance(365 * 86_400_000);
  expect(await fingerprints.get(0, signal)).toBe(first);
  expect(vault.state.reads.get('fingerprint-key')).toBe(2);
});
