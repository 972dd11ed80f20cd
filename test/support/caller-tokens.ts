import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  sign,
  type KeyObject,
} from 'node:crypto';
import { SignJWT } from 'jose';
import type { Expected } from '../../shared/callers/claims.ts';
import type { PublishedKey } from '../../shared/callers/ports.ts';
import { parseGuid, type Guid } from '../../shared/names.ts';

export type Members = Readonly<Record<string, unknown>>;

export function guid(text: string): Guid {
  const parsed = parseGuid(text);
  if (!parsed) throw new TypeError('That is no GUID.');
  return parsed;
}

/** Whose tokens the tests accept, and for whom. */
export const expected: Expected = {
  issuer: 'https://login.microsoftonline.com/7d0a1d53-6a4c-4c60-9d0f-3a1f2a5b6c7d/v2.0',
  tenantId: guid('7d0a1d53-6a4c-4c60-9d0f-3a1f2a5b6c7d'),
  audience: '3f2b8c1e-90ad-4f5e-8a57-1c2d3e4f5a6b',
};
/** The service that asks. */
export const caller = {
  clientId: guid('c1d2e3f4-a5b6-4c7d-8e9f-0a1b2c3d4e5f'),
  objectId: guid('d2e3f4a5-b6c7-4d8e-9f0a-1b2c3d4e5f6a'),
};

/** The claims of an app-only v2 access token as Entra writes them, issued at a moment of the wall clock in milliseconds, for an hour. */
export function claimsAt(wallMs: number, changes: Members = {}): Members {
  const now = Math.floor(wallMs / 1_000);
  const claims = {
    aud: expected.audience,
    iss: expected.issuer,
    iat: now,
    nbf: now,
    exp: now + 3_600,
    azp: caller.clientId,
    azpacr: '1',
    idtyp: 'app',
    oid: caller.objectId,
    roles: ['Headers.Read'],
    sub: caller.objectId,
    tid: expected.tenantId,
    uti: `CANARY${randomBytes(8).toString('hex')}`,
    ver: '2.0',
    ...changes,
  };
  return Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined));
}

/** A tenant's signing key: what it publishes, and tokens that it signed. */
export type Signer = {
  readonly kid: string;
  readonly jwk: PublishedKey;
  readonly publicPem: string;
  /** A well-formed RS256 token of these claims. */
  mint(claims: Members): Promise<string>;
  /** A token of any header and payload, with a good RS256 signature. */
  forge(header: Members, payload: unknown): string;
};

/**
 * Keys by their bits, as PEM, for each test file from anew: whoever runs the same files a thousand times makes them once (`scripts/mutate`). A key takes
 * longer than all else that a file of tests does.
 */
const readyKeys = Reflect.get(globalThis, 'readyKeys') as Record<number, string[]> | undefined;

export function createSigner(kid: string, modulusLength = 2_048): Signer {
  const ready = readyKeys?.[modulusLength]?.pop();
  const privateKey =
    ready === undefined ? generateKeyPairSync('rsa', { modulusLength }).privateKey : createPrivateKey(ready);
  const publicKey = createPublicKey(privateKey);
  const jwk = { ...publicKey.export({ format: 'jwk' }), kty: 'RSA', use: 'sig', kid, issuer: expected.issuer };
  return {
    kid,
    jwk,
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    mint: (claims) => new SignJWT(claims).setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid }).sign(privateKey),
    forge: (header, payload) => compact(header, payload, signWith(privateKey)),
  };
}

/** A compact JWS (RFC 7515) of any header and payload, well-formed or not. */
export function compact(header: unknown, payload: unknown, signature: (input: string) => Buffer): string {
  const input = `${encode(header)}.${encode(payload)}`;
  return `${input}.${signature(input).toString('base64url')}`;
}

export const signWith =
  (key: KeyObject, algorithm = 'sha256') =>
  (input: string): Buffer =>
    sign(algorithm, Buffer.from(input), key);

export const hmacWith =
  (key: string) =>
  (input: string): Buffer =>
    createHmac('sha256', key).update(input).digest();

function encode(part: unknown): string {
  const bytes = part instanceof Uint8Array ? part : Buffer.from(typeof part === 'string' ? part : JSON.stringify(part));
  return Buffer.from(bytes).toString('base64url');
}
