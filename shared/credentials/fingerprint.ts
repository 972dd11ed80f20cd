import { createHmac } from 'node:crypto';
import { BrokerError } from '../errors.ts';
import type { Fingerprint } from '../names.ts';
import type { Secret } from '../secret.ts';

/** Names a secret without telling it: the first 72 bits of its HMAC-SHA-256, in base64url. */
export type FingerprintOf = (secret: Secret) => Fingerprint;

/** A key shorter than this could be guessed, and with it a fingerprint be tied to a secret. */
const leastKeyLength = 32;

/** @throws {BrokerError} `vault-secret-malformed` when the key has fewer than 32 characters. */
export function createFingerprintOf(key: Secret): FingerprintOf {
  if (key.open().length < leastKeyLength) throw new BrokerError('vault-secret-malformed');
  return (secret) =>
    createHmac('sha256', key.open()).update(secret.open()).digest('base64url').slice(0, 12) as Fingerprint;
}
