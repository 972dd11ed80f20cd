import { constants, sign, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

/** The members of a JSON object: a token's header or its claims. */
export type Members = Record<string, unknown>;

/** A token in JWS compact serialisation (RFC 7515, section 7.1), signed with RS256; with no key its signature is empty. */
export function encodeToken(header: Members, claims: Members, privateKey: KeyObject | undefined): string {
  const input = `${encodeMembers(header)}.${encodeMembers(claims)}`;
  const signature = privateKey ? sign('sha256', Buffer.from(input), privateKey).toString('base64url') : '';
  return `${input}.${signature}`;
}

/** Header and claims of a token, and whether a key signed it with RS256 or PS256; `undefined` for what is no token. Nothing is trusted yet. */
export function decodeToken(
  token: string,
): { header: Members; claims: Members; isSignedBy: (publicKey: KeyObject) => boolean } | undefined {
  const [head = '', body = '', signature = '', ...rest] = token.split('.');
  const header = decodeMembers(head);
  const claims = decodeMembers(body);
  if (!header || !claims || rest.length > 0) return undefined;
  const isSignedBy = (publicKey: KeyObject): boolean =>
    paddings.has(header['alg']) &&
    verify(
      'sha256',
      Buffer.from(`${head}.${body}`),
      // The salt is as long as the hash (RFC 7518, section 3.5).
      { key: publicKey, padding: paddings.get(header['alg']), saltLength: constants.RSA_PSS_SALTLEN_DIGEST },
      Buffer.from(signature, 'base64url'),
    );
  return { header, claims, isSignedBy };
}

const paddings = new Map<unknown, number>([
  ['RS256', constants.RSA_PKCS1_PADDING],
  ['PS256', constants.RSA_PKCS1_PSS_PADDING],
]);

function encodeMembers(members: Members): string {
  return Buffer.from(JSON.stringify(members)).toString('base64url');
}

function decodeMembers(text: string): Members | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    return isMembers(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The members with some replaced; `null` takes one away. */
export function mergeMembers(members: Members, changes: Members = {}): Members {
  return Object.fromEntries(Object.entries({ ...members, ...changes }).filter(([, value]) => value !== null));
}
