import type { JWK } from 'jose';

/** A published key. Entra adds whose tokens it signs. */
export type PublishedKey = JWK & { readonly issuer?: string };

/**
 * Where the tenant publishes its signing keys (OpenID Connect Discovery, `jwks_uri`). Caches nothing: each call is one request.
 *
 * @throws {BrokerError} `signing-keys-unavailable`, never another error.
 */
export type SigningKeySource = {
  fetch(signal: AbortSignal): Promise<readonly PublishedKey[]>;
};
