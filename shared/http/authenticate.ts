import type { HttpRequest } from '@azure/functions';
import type { VerifiedCaller, VerifiedToken } from '../callers/claims.ts';
import type { CallerEntry, Policy } from '../callers/policy.ts';
import type { RateLimiter } from '../callers/rate.ts';
import type { TokenVerifier } from '../callers/verify.ts';
import { BrokerError } from '../errors.ts';
import type { CallerName } from '../names.ts';
import type { AuditFacts } from '../telemetry/audit.ts';

const bearer = /^Bearer +(\S+)$/i;

type Dependencies = { verifier: TokenVerifier; policy: Pick<Policy, 'identify'>; limiter: RateLimiter<CallerName> };

/** Tells which configured caller asks, and notes it. @throws {BrokerError} 400, 401, 403, 429, or 503 without the tenant's keys. */
export type Authenticate = (request: HttpRequest, facts: AuditFacts, signal: AbortSignal) => Promise<CallerEntry>;

export function createAuthenticate({ verifier, policy, limiter }: Dependencies): Authenticate {
  return async (request, facts, signal) => {
    const verified = requireAppOnly(await verifier.verify(readToken(request), signal));
    facts.clientId = verified.clientId;
    facts.objectId = verified.objectId;
    const caller = policy.identify(verified);
    facts.caller = caller.name;
    limiter.take(caller.name);
    return caller;
  };
}

/** No person is given credentials, and no program on behalf of one. */
function requireAppOnly(verified: VerifiedToken): VerifiedCaller {
  if (verified.kind !== 'app-only') throw new BrokerError('not-app-only');
  return { ...verified, kind: verified.kind };
}

const usual = 'Bearer ';
/** The scheme and one more word: whoever verifies that refuses what is no token. An expression takes a microsecond for a thousand characters. */
const isUsual = (value: string) => value.startsWith(usual) && !value.includes(' ', usual.length);

/** @throws {BrokerError} 400 or 401. */
export function readToken({ headers }: HttpRequest): string {
  const value = headers.get('authorization');
  if (value === null || value === '') throw new BrokerError('token-missing');
  // Repeated headers arrive joined with a comma, which no token has (RFC 6750, section 2.1).
  if (value.includes(',')) throw new BrokerError('authorization-repeated');
  const token = isUsual(value) ? value.slice(usual.length) : bearer.exec(value)?.[1];
  if (token !== undefined) return token;
  throw new BrokerError(/^Bearer\b/i.test(value) ? 'token-malformed' : 'scheme-unsupported');
}
