import { generateKeyPairSync, sign } from 'node:crypto';
import { promisify } from 'node:util';
import { HttpRequest } from '@azure/functions';
import { createPolicy, type CallerEntry } from '../../shared/callers/policy.ts';
import { createRateLimiter } from '../../shared/callers/rate.ts';
import { createSigningKeys } from '../../shared/callers/signing-keys.ts';
import { createTokenVerifier } from '../../shared/callers/verify.ts';
import type { Clock } from '../../shared/clock.ts';
import { createHeaderSets } from '../../shared/credentials/header-set.ts';
import { neverAborted } from '../../shared/deadline.ts';
import type { Offer } from '../../shared/http/asked.ts';
import { createAudited } from '../../shared/http/audited.ts';
import { createAuthenticate } from '../../shared/http/authenticate.ts';
import { createHeadersRoute } from '../../shared/http/headers.ts';
import { createSetIds } from '../../shared/http/set-id.ts';
import type { AccessLevel, ApiName, CallerName, Guid, RequestId } from '../../shared/names.ts';
import { createLogAudit } from '../../shared/telemetry/audit.ts';
import { createLog } from '../../shared/telemetry/log.ts';
import { claimsAt, expected } from '../../test/support/caller-tokens.ts';
import { client, createCaches, scopeOf, subscription } from './caches.ts';

const kid = 'kid-1';
const signAsync = promisify(sign);
const ignore = () => {};

/** Signs on the threads of the pool, several at a time: a hundred thousand tokens take half a minute. */
function createMint(clock: Clock) {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const header = toPart({ alg: 'RS256', typ: 'JWT', kid });
  return {
    jwk: { ...publicKey.export({ format: 'jwk' }), kty: 'RSA', use: 'sig', kid, issuer: expected.issuer },
    mint: async ({ clientId, objectId }: Pick<CallerEntry, 'clientId' | 'objectId'>): Promise<string> => {
      const claims = claimsAt(clock.wall(), { azp: clientId, oid: objectId, sub: objectId });
      const input = `${header}.${toPart(claims)}`;
      return `${input}.${(await signAsync('sha256', Buffer.from(input), privateKey)).toString('base64url')}`;
    },
  };
}

function toPart(members: object): string {
  return Buffer.from(JSON.stringify(members)).toString('base64url');
}

/** `GET /v1/headers/{api}` for so many callers, each of whom may have so many APIs that each take a token of their own. */
export function createManyCallers(clock: Clock, counts: { callers: number; apis: number }) {
  const caches = createCaches({ scopes: counts.apis, clock });
  const { jwk, mint } = createMint(clock);
  const offers = Array.from({ length: counts.apis }, (_, index) => toOffer(index));
  const apis = new Set(offers.map(({ api }) => api));
  const entries = Array.from({ length: counts.callers }, (_, index) => toEntry(index, apis));
  const policy = createPolicy(entries, apis);
  const signingKeys = createSigningKeys(
    { clock, source: { fetch: async () => [jwk] } },
    { issuer: expected, upstreamTimeoutMs: () => 3_000, onFailure: ignore },
  );
  const limits = new Map(entries.map(({ name }) => [name, { perSecond: 200, burst: 400 }]));
  const authenticate = createAuthenticate({
    verifier: createTokenVerifier({ clock, keys: signingKeys }, expected),
    policy,
    limiter: createRateLimiter(clock, limits),
  });
  const route = createHeadersRoute({
    clock,
    authenticate,
    policy,
    offers: new Map(offers.map((offer) => [offer.api, offer])),
    headerSets: createHeaderSets({ clock, ...caches }, { headerLifetimeMs: 300_000 }),
    setIds: createSetIds(caches.fingerprints),
  });
  const audited = createAudited({ clock, audit: createLogAudit() }, 'headers.hand-out', route);
  const log = createLog({ info: ignore, warn: ignore, error: ignore });

  /** A caller that was not here before asks for an API, with a token of its own. */
  return async (index: number): Promise<void> => {
    const [entry, offer] = [entries[index % entries.length], offers[index % offers.length]];
    if (!entry || !offer) throw new RangeError('there is no such caller');
    const headers = { authorization: `Bearer ${await mint(entry)}` };
    const url = `https://broker.example/v1/headers/${offer.api}`;
    const request = new HttpRequest({ method: 'GET', url, headers, params: { api: offer.api } });
    const requestId = toGuid('5', index) as string as RequestId;
    const { status } = await audited({ request, requestId, startedAt: clock.monotonic(), log }, neverAborted);
    if (status !== 200) throw new Error(`A caller was answered ${status}.`);
  };
}

function toEntry(index: number, apis: ReadonlySet<ApiName>): CallerEntry {
  const name = toFlat(`caller-${index}`) as CallerName;
  return { name, clientId: toGuid('c', index), objectId: toGuid('d', index), apis, headers: true };
}

function toOffer(index: number): Offer {
  const plain = { subscription, token: { client, scope: scopeOf(index) } };
  const api = toFlat(`api-${index}`) as ApiName;
  const levels = new Map([['.default' as AccessLevel, plain]]);
  return { api, baseUrl: `https://gateway.example/${api}`, levels, plain };
}

function toGuid(digit: string, index: number): Guid {
  return toFlat(`${digit.repeat(8)}-0000-4000-8000-${String(index).padStart(12, '0')}`) as Guid;
}

/** A text in one piece, as a configuration's are. V8 keeps what was concatenated in pieces until it is used, which would look as if use freed memory. */
function toFlat(text: string): string {
  return Buffer.from(text).toString();
}
