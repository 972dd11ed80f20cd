import type { TokenFacts } from '../doctor/ports.ts';
import { parseGuid } from '../names.ts';
import type { Secret } from '../secret.ts';
import { asMembers, parseJson } from './json.ts';

const audience = /^[\x21-\x7e]{1,200}$/;
const role = /^[\w.:/-]{1,100}$/;
const mostRoles = 20;

/**
 * Reads what a token of Entra's says of itself, for people: nothing is verified, and nothing is decided by it. What does not look like what
 * it should be is left out, so that no part of a token that is none gets any further.
 */
export function readTokenFacts(token: Secret): TokenFacts {
  const [, payload = ''] = token.open().split('.');
  const claims = asMembers(parseJson(Buffer.from(payload, 'base64url').toString())) ?? {};
  const { aud, roles, oid, iat, exp } = claims;
  return {
    audience: typeof aud === 'string' && audience.test(aud) ? aud : undefined,
    roles: (Array.isArray(roles) ? roles : []).filter(isRole).slice(0, mostRoles),
    objectId: parseGuid(oid),
    issuedAt: toMoment(iat),
    expiresAt: toMoment(exp),
  };
}

function isRole(value: unknown): value is string {
  return typeof value === 'string' && role.test(value);
}

/** Seconds since the epoch, as JWTs have them, up to the year 9999. */
function toMoment(value: unknown): number | undefined {
  return typeof value === 'number' && value >= 0 && value < 253_402_300_800 ? value * 1_000 : undefined;
}
