import { jest } from '@jest/globals';
import { createFingerprints } from '../../shared/credentials/fingerprint.ts';
import { createHeaderSets } from '../../shared/credentials/header-set.ts';
import { createKeys } from '../../shared/credentials/keys.ts';
import { createTokens } from '../../shared/credentials/tokens.ts';
import type { ClientName, Guid, ScopeName, SecretName, SubscriptionName } from '../../shared/names.ts';
import { createManualClock } from './manual-clock.ts';
import { createMemoryIssuer, createMemoryStore } from './memory-ports.ts';

export const subscription = 'okq8-payments' as SubscriptionName;
export const client = 'okq8' as ClientName;
export const scope = 'api://apim-test-api/.default' as ScopeName;
export const otherScope = 'api://apim-other-api/.default' as ScopeName;
const clientId = '0b9c7a54-2f1d-4e3b-8c6a-5d4e3f2a1b0c' as Guid;

/** All of `shared/credentials` over ports in memory, with a simulated clock. */
export function createCredentials({ isRotated = false } = {}) {
  const clock = createManualClock();
  const vault = createMemoryStore({
    'okq8-payments': 'key-1',
    'okq8-client-secret': 'secret-1',
    'fingerprint-key': 'f'.repeat(32),
  });
  const entra = createMemoryIssuer(clock, { [clientId]: 'secret-1' });
  const onFailure = jest.fn();
  const terms = { headerLifetimeMs: 300_000, readAgeMs: 60_000, skewMs: 10_000, upstreamTimeoutMs: 3_000 };
  const upstreamTimeoutMs = () => terms.upstreamTimeoutMs;
  const fingerprints = createFingerprints(clock, vault.store, {
    secretName: 'fingerprint-key' as SecretName,
    upstreamTimeoutMs,
    onFailure,
  });
  const keysOf = createKeys({ clock, store: vault.keyStore, fingerprints }, { terms: () => terms, onFailure });
  const keys = keysOf(new Map([[subscription, { secretName: 'okq8-payments' as SecretName, isRotated }]]));
  const onExpiring = jest.fn();
  const tokensOf = createTokens(
    { clock, store: vault.store, issuer: entra.issuer, fingerprints },
    { upstreamTimeoutMs, onFailure, onExpiring },
  );
  const registration = { name: client, tenantId: clientId, clientId, secretName: 'okq8-client-secret' as SecretName };
  const tokens = tokensOf([{ ...registration, scopes: new Set([scope, otherScope]) }]);
  const headerSets = createHeaderSets({ clock, keys, tokens }, { headerLifetimeMs: 300_000 });
  const signal = new AbortController().signal;
  const keyOnly = () => headerSets.handOut({ subscription }, signal);
  const withToken = () => headerSets.handOut({ subscription, token: { client, scope } }, signal);
  return {
    clock,
    vault,
    entra,
    terms,
    fingerprints,
    registration,
    keys,
    keysOf,
    tokens,
    tokensOf,
    headerSets,
    keyOnly,
    withToken,
    signal,
    onFailure,
    onExpiring,
  };
}
