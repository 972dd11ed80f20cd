import { systemClock, type Clock } from '../../shared/clock.ts';
import { createFingerprints } from '../../shared/credentials/fingerprint.ts';
import { createKeys } from '../../shared/credentials/keys.ts';
import { createTokens } from '../../shared/credentials/tokens.ts';
import type { ClientName, Guid, ScopeName, SecretName, SubscriptionName } from '../../shared/names.ts';
import { createMemoryIssuer, createMemoryStore } from '../../test/support/memory-ports.ts';

export const subscription = 'core' as SubscriptionName;
export const client = 'okq8' as ClientName;
const clientId = '0b9c7a54-2f1d-4e3b-8c6a-5d4e3f2a1b0c' as Guid;
const ignore = () => {};

export function scopeOf(index: number): ScopeName {
  return `api://api-${index}/.default` as ScopeName;
}

/** The broker's caches over ports in memory: one key, and a token for each of so many scopes. */
export function createCaches({ scopes, clock = systemClock }: { scopes: number; clock?: Clock }) {
  const vault = createMemoryStore({ core: 'k'.repeat(32), secret: 'secret', fingerprint: 'f'.repeat(32) });
  const entra = createMemoryIssuer(clock, { [clientId]: 'secret' });
  const upstreamTimeoutMs = () => 10_000;
  const fingerprints = createFingerprints(clock, vault.store, {
    secretName: 'fingerprint' as SecretName,
    upstreamTimeoutMs,
    onFailure: ignore,
  });
  const terms = { headerLifetimeMs: 300_000, readAgeMs: 60_000, skewMs: 10_000, upstreamTimeoutMs: 10_000 };
  const keysOf = createKeys({ clock, store: vault.keyStore, fingerprints }, { terms: () => terms, onFailure: ignore });
  const tokensOf = createTokens(
    { clock, store: vault.store, issuer: entra.issuer, fingerprints },
    { upstreamTimeoutMs, onFailure: ignore, onExpiring: ignore },
  );
  const registration = { name: client, tenantId: clientId, clientId, secretName: 'secret' as SecretName };
  return {
    vault,
    entra,
    fingerprints,
    keys: keysOf(new Map([[subscription, { secretName: 'core' as SecretName, isRotated: false }]])),
    tokens: tokensOf([
      { ...registration, scopes: new Set(Array.from({ length: scopes }, (_, index) => scopeOf(index))) },
    ]),
  };
}
