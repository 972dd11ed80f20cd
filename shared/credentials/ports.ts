import type { ClientName, Guid, SecretName } from '../names.ts';
import type { Secret } from '../secret.ts';

/** One version of a secret, as Key Vault holds it. */
export type StoredSecret = {
  readonly secret: Secret;
  readonly version: string;
  /** When it is said to expire: wall clock, milliseconds. */
  readonly expiresOn?: number | undefined;
  /** Whether it is a certificate with its private key: then `certificate.ts` reads it. */
  readonly isCertificate?: boolean;
};

/**
 * Where secrets are kept.
 *
 * @throws {BrokerError} `vault-…` or `identity-…`, never another error.
 */
export type SecretStore = {
  /** Reads the newest version. */
  read(name: SecretName, signal: AbortSignal): Promise<StoredSecret>;
};

/** A subscription's published key, with what rotation says of it. Absent where rotation has not seen it yet. */
export type StoredKey = {
  readonly secret: Secret;
  readonly generation: number | undefined;
  readonly slot?: 'primary' | 'secondary' | undefined;
  /** The promise: it is not regenerated before. Wall clock, milliseconds. */
  readonly safeUntil: number | undefined;
};

/**
 * Where published keys are kept.
 *
 * @throws {BrokerError} `vault-…` or `identity-…`, never another error.
 */
export type KeyStore = {
  /** Reads the newest version of a subscription's secret. */
  read(name: SecretName, signal: AbortSignal): Promise<StoredKey>;
};

/** The broker's own app registration at an API's tenant. */
export type ClientRegistration = {
  readonly name: ClientName;
  readonly tenantId: Guid;
  readonly clientId: Guid;
};

/** An access token. Its life in milliseconds counts from `startedAt`, the monotonic reading before it was asked for. */
export type AcquiredToken = {
  readonly token: Secret;
  readonly startedAt: number;
  readonly lifeMs: number;
};

/**
 * Who issues access tokens for client credentials (RFC 6749, section 4.4). Caches nothing: each call is one token request.
 *
 * @throws {BrokerError} `entra-…`, or `identity-…` where the client is federated; never another error.
 */
export type TokenIssuer = {
  /** @param secret the client secret, or the certificate with its key; absent where the client proves itself with a token of the app's managed identity. */
  acquire(
    client: ClientRegistration,
    secret: StoredSecret | undefined,
    scope: string,
    signal: AbortSignal,
  ): Promise<AcquiredToken>;
};

/** Told of each failed load that nobody waits for. */
export type ReportFailure = (error: unknown) => void;
