import { hash } from 'node:crypto';
import { compactVerify, decodeProtectedHeader, type CryptoKey, type ProtectedHeaderParameters } from 'jose';
import type { Clock } from '../clock.ts';
import { BrokerError } from '../errors.ts';
import { validateClaims, type Expected, type VerifiedToken } from './claims.ts';
import type { SigningKeys } from './signing-keys.ts';

/** Entra's app-only tokens have 1 to 3 KB; groups and many roles make them larger. */
const longestToken = 16_384;
const compactJws = /^[\w-]+\.[\w-]+\.[\w-]+$/;
const longestKid = 128;

export type TokenVerifier = {
  /**
   * Who a token speaks for.
   *
   * @throws {BrokerError} `invalid-token`; `upstream-unavailable` when the tenant's keys cannot be had.
   */
  verify(token: string, signal: AbortSignal): Promise<VerifiedToken>;
};

type Dependencies = { clock: Clock; keys: SigningKeys };
type Entry = { readonly verified: VerifiedToken; readonly kid: string; readonly key: CryptoKey };
type Flight = { readonly verified: Promise<VerifiedToken>; readonly key: CryptoKey };

/**
 * Verifies Entra v2 access tokens (RS256), and remembers up to `cacheLimit` good ones by their hash: the signature costs 100 times
 * the look-up. A remembered token ends with its own expiry, and when its key is no longer published. One that is presented many times at once is
 * verified once.
 */
export function createTokenVerifier(
  { clock, keys }: Dependencies,
  { cacheLimit = 10_000, ...expected }: Expected & { cacheLimit?: number },
): TokenVerifier {
  const remembered = new Map<string, Entry>();
  const flights = new Map<string, Flight>();

  const recall = (digest: string) => {
    const entry = remembered.get(digest);
    if (!entry) return undefined;
    remembered.delete(digest);
    if (entry.verified.expiresAt <= clock.wall() || !keys.isCurrent(entry.kid, entry.key)) return undefined;
    remembered.set(digest, entry);
    return entry.verified;
  };

  const remember = (digest: string, entry: Entry) => {
    remembered.set(digest, entry);
    for (const oldest of remembered.keys()) {
      if (remembered.size <= cacheLimit) break;
      remembered.delete(oldest);
    }
  };

  const judge = async (token: string, digest: string, kid: string, key: CryptoKey) => {
    const verified = validateClaims(await verifySignature(token, key), expected, clock.wall());
    remember(digest, { verified, kid, key });
    return verified;
  };

  const judgeOnce = (token: string, digest: string, kid: string, key: CryptoKey) => {
    const flight = flights.get(digest);
    if (flight?.key === key) return flight.verified;
    const verified = judge(token, digest, kid, key).finally(() => flights.delete(digest));
    flights.set(digest, { verified, key });
    return verified;
  };

  return {
    verify: async (token, signal) => {
      if (token.length > longestToken) throw new BrokerError('token-too-long');
      const digest = hash('sha256', token, 'base64');
      const known = recall(digest);
      if (known) return known;
      const kid = readKid(token);
      return judgeOnce(token, digest, kid, await keys.find(kid, signal));
    },
  };
}

/** The claims of a token that was verified, all of them. */
export function claimsOf(verified: string): Record<string, unknown> {
  const [, payload = ''] = verified.split('.');
  return readClaims(Buffer.from(payload, 'base64url'));
}

function readKid(token: string): string {
  if (!compactJws.test(token)) throw new BrokerError('token-malformed');
  const { alg, typ, kid, crit } = readHeader(token);
  const isAccessToken = typ === 'JWT' || typ === 'at+jwt';
  if (alg !== 'RS256' || !isAccessToken || crit !== undefined) throw new BrokerError('token-header');
  if (typeof kid !== 'string' || kid.length === 0 || kid.length > longestKid) throw new BrokerError('token-header');
  return kid;
}

function readHeader(token: string): ProtectedHeaderParameters {
  try {
    return decodeProtectedHeader(token);
  } catch (cause) {
    throw new BrokerError('token-malformed', { cause });
  }
}

async function verifySignature(token: string, key: CryptoKey): Promise<Record<string, unknown>> {
  // The unused bits of the last character would give one token many spellings, and each a place in the cache.
  const signature = token.slice(token.lastIndexOf('.') + 1);
  if (Buffer.from(signature, 'base64url').toString('base64url') !== signature) throw new BrokerError('token-malformed');
  try {
    const { payload } = await compactVerify(token, key, { algorithms: ['RS256'] });
    return readClaims(payload);
  } catch (cause) {
    throw cause instanceof BrokerError ? cause : new BrokerError('signature', { cause });
  }
}

function readClaims(payload: Uint8Array): Record<string, unknown> {
  try {
    const claims: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
    if (typeof claims === 'object' && claims !== null && !Array.isArray(claims)) return { ...claims };
  } catch {
    // falls through to the one refusal
  }
  throw new BrokerError('claims-malformed');
}
