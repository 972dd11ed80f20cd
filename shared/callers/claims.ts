import { BrokerError } from '../errors.ts';
import { parseGuid, type Guid } from '../names.ts';

/** Who a verified token speaks for, and until when. */
export type VerifiedToken = {
  /** Of a program that speaks for itself, or of one that a person has let speak for them. */
  readonly kind: 'app-only' | 'delegated';
  /** `azp`: the application that asked Entra for the token. */
  readonly clientId: Guid;
  /** `oid`: its service principal in the tenant, or the person. */
  readonly objectId: Guid;
  readonly roles: readonly string[];
  /** Wall clock, milliseconds since the epoch. */
  readonly expiresAt: number;
};

/** A program that speaks for itself: the only one that is given credentials. */
export type VerifiedCaller = VerifiedToken & { readonly kind: 'app-only' };

/** Whose tokens, and for whom. */
export type Expected = { readonly issuer: string; readonly tenantId: Guid; readonly audience: string };

/** How far Entra's clock may be ahead of ours. It never lengthens a token's life. */
const clockSkewMs = 60_000;

type Claims = { readonly [name: string]: unknown };

/**
 * Checks the claims of an Entra v2 access token whose signature is good.
 *
 * @throws {BrokerError} `invalid-token`, with the first claim that is wrong as its reason.
 */
export function validateClaims(claims: Claims, expected: Expected, wallMs: number): VerifiedToken {
  if (claims['iss'] !== expected.issuer) throw new BrokerError('issuer');
  if (parseGuid(claims['tid']) !== expected.tenantId) throw new BrokerError('tenant');
  if (claims['aud'] !== expected.audience) throw new BrokerError('audience');
  if (claims['ver'] !== '2.0') throw new BrokerError('token-version');
  return {
    kind: readKind(claims),
    expiresAt: validateTimes(claims, wallMs),
    clientId: readGuid(claims['azp']),
    objectId: readGuid(claims['oid']),
    roles: readRoles(claims['roles']),
  };
}

/**
 * `azp` is safe for authorization only together with `idtyp` = `app` (Microsoft identity platform, "Access token claims reference"). A delegated
 * token has a scope. One with neither may be an ID token, which has the same audience and is no proof of anything here.
 */
function readKind({ idtyp, scp }: Claims): VerifiedToken['kind'] {
  if (idtyp === 'app' && scp === undefined) return 'app-only';
  const isOfPerson = idtyp === undefined || idtyp === 'user';
  if (isOfPerson && typeof scp === 'string' && scp.trim() !== '') return 'delegated';
  throw new BrokerError('not-app-only');
}

function validateTimes({ iat, nbf, exp }: Claims, wallMs: number): number {
  const [issuedAt, notBefore, expiresAt] = [readTime(iat), readTime(nbf), readTime(exp)];
  if (issuedAt >= expiresAt) throw new BrokerError('claims-malformed');
  if (Math.max(issuedAt, notBefore) > wallMs + clockSkewMs) throw new BrokerError('not-yet-valid');
  if (expiresAt <= wallMs) throw new BrokerError('expired');
  return expiresAt;
}

/** A NumericDate (RFC 7519, section 2) in milliseconds. Entra writes whole seconds; `1e300` is no time. */
function readTime(value: unknown): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value * 1_000) || value <= 0) {
    throw new BrokerError('claims-malformed');
  }
  return value * 1_000;
}

function readGuid(value: unknown): Guid {
  const guid = parseGuid(value);
  if (!guid) throw new BrokerError('claims-malformed');
  return guid;
}

function readRoles(value: unknown = []): readonly string[] {
  if (!Array.isArray(value) || !value.every((role) => typeof role === 'string')) {
    throw new BrokerError('claims-malformed');
  }
  return value;
}
