import { createHmac } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { withDeadline } from '../deadline.ts';
import { BrokerError } from '../errors.ts';
import type { Fingerprint, SecretName } from '../names.ts';
import { createRefreshing, type Refreshing } from '../refreshing.ts';
import type { Secret } from '../secret.ts';
import type { ReportFailure, SecretStore } from './ports.ts';

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

type Options = { secretName: SecretName; upstreamTimeoutMs: () => number; onFailure: ReportFailure };

/** The fingerprint function of this deployment. Its key is read once: all instances must give one secret one name. */
export function createFingerprints(clock: Clock, store: SecretStore, options: Options): Refreshing<FingerprintOf> {
  const { secretName, upstreamTimeoutMs, onFailure } = options;
  const load = async () => {
    const stored = await withDeadline(clock, upstreamTimeoutMs(), 'vault-unavailable', (signal) =>
      store.read(secretName, signal),
    );
    return { value: createFingerprintOf(stored.secret), refreshAt: Infinity, expiresAt: Infinity };
  };
  return createRefreshing(clock, load, { shortLived: 'vault-unavailable', onFailure });
}
