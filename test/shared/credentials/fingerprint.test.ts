import { expect, test } from '@jest/globals';
import { createFingerprintOf } from '../../../shared/credentials/fingerprint.ts';
import { Secret } from '../../../shared/secret.ts';

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
