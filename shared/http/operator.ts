import type { HttpRequest } from '@azure/functions';
import type { Operator } from '../callers/operator.ts';
import type { Principal } from '../callers/operator-principal.ts';
import type { RateLimiter } from '../callers/rate.ts';
import type { TokenVerifier } from '../callers/verify.ts';
import { BrokerError } from '../errors.ts';
import type { AuditFacts } from '../telemetry/audit.ts';
import { readToken } from './authenticate.ts';
import { requireJson } from './body.ts';
import { readIdempotencyKey } from './idempotency-key.ts';

/** The app roles of those who operate the broker; `write` includes `read`. */
const [readRole, writeRole] = ['Operations.Read', 'Operations.Write'];
const principalHeader = 'x-ms-client-principal';

/**
 * Tells which operator asks, and notes it. A person whom the platform has signed in is sent along by every page that the browser shows: one of
 * another origin may open ours, and that is all. A POST must also have what no such page can send: `Content-Type: application/json` and an
 * `Idempotency-Key`.
 *
 * @param need `write` for whatever changes something.
 * @throws {BrokerError} 400, 401, 403 without the app role, 429, or 503 without the tenant's keys.
 */
export type AuthenticateOperator = (
  request: HttpRequest,
  need: 'read' | 'write',
  facts: AuditFacts,
  signal: AbortSignal,
) => Promise<Operator>;

export type OperatorShare = 'readers' | 'writers';

type Dependencies = {
  verifier: TokenVerifier;
  /** A bucket for all who may only read, and one for those who steer, so that none of the former keeps one of the latter waiting. */
  limiter: RateLimiter<OperatorShare>;
  /** Reads the header of App Service authentication. Absent unless the platform says that it is on: without it, anyone may write that header. */
  readPrincipal: ((header: string) => Principal) | undefined;
};

type Identified = Pick<Operator, 'objectId' | 'clientId'> & { readonly roles: readonly string[] };

export function createOperatorAuthenticate({ verifier, limiter, readPrincipal }: Dependencies): AuthenticateOperator {
  const identify = async (request: HttpRequest, signal: AbortSignal): Promise<Identified> => {
    const principal = request.headers.get(principalHeader);
    if (!readPrincipal || principal === null || request.headers.has('authorization')) {
      return verifier.verify(readToken(request), signal);
    }
    requireOwnPage(request);
    return { ...readPrincipal(principal), clientId: undefined };
  };

  return async (request, need, facts, signal) => {
    const { objectId, clientId, roles } = await identify(request, signal);
    facts.objectId = objectId;
    if (clientId !== undefined) facts.clientId = clientId;
    const mayWrite = roles.includes(writeRole);
    if (!mayWrite && (need === 'write' || !roles.includes(readRole))) throw new BrokerError('role-missing');
    limiter.take(mayWrite ? 'writers' : 'readers');
    return { objectId, clientId, mayWrite };
  };
}

/**
 * Fetch Metadata Request Headers, section 2. What a page of another origin includes it cannot read, but it would be on record as this operator's and
 * spend their limit. A browser that does not say whose page asks must, to send what changes something, ask us first, and is told no.
 */
function requireOwnPage(request: HttpRequest): void {
  const { method, headers } = request;
  const site = headers.get('sec-fetch-site') ?? 'same-origin';
  if (method === 'GET' || method === 'HEAD') {
    // Browsers say nothing of whose page opens a socket, and none of ours does.
    const isSocket = headers.has('sec-websocket-key');
    if (isSocket || (!ownSites.has(site) && !isOpened(headers))) throw new BrokerError('cross-site');
    return;
  }
  if (site !== 'same-origin') throw new BrokerError('cross-site');
  requireJson(request);
  readIdempotencyKey(request);
}

/** `none` is the address bar. */
const ownSites: ReadonlySet<string> = new Set(['same-origin', 'none']);

/** By a link, or on the way back from signing in: a whole page, in no frame. */
function isOpened(headers: HttpRequest['headers']): boolean {
  return headers.get('sec-fetch-mode') === 'navigate' && headers.get('sec-fetch-dest') === 'document';
}
