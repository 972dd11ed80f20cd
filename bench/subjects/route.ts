import { HttpRequest } from '@azure/functions';
import { createPolicy, type CallerEntry } from '../../shared/callers/policy.ts';
import { createRateLimiter } from '../../shared/callers/rate.ts';
import { createSigningKeys } from '../../shared/callers/signing-keys.ts';
import { createTokenVerifier } from '../../shared/callers/verify.ts';
import type { Clock } from '../../shared/clock.ts';
import { createHeaderSets } from '../../shared/credentials/header-set.ts';
import type { Offer } from '../../shared/http/asked.ts';
import { createAudited } from '../../shared/http/audited.ts';
import { createAuthenticate } from '../../shared/http/authenticate.ts';
import { createHeadersRoute } from '../../shared/http/headers.ts';
import type { Exchange } from '../../shared/http/serve.ts';
import { createSetIds } from '../../shared/http/set-id.ts';
import type { AccessLevel, ApiName, CallerName, RequestId } from '../../shared/names.ts';
import { createLogAudit } from '../../shared/telemetry/audit.ts';
import { createLog } from '../../shared/telemetry/log.ts';
import { caller, expected, type Signer } from '../../test/support/caller-tokens.ts';
import { client, scopeOf, subscription, type createCaches } from './caches.ts';

/** `GET /v1/headers/{api}` with everything behind it but its upstreams, and nothing around it. */
export function createRoute(clock: Clock, { jwk }: Pick<Signer, 'jwk'>, caches: ReturnType<typeof createCaches>) {
  const api = 'payments' as ApiName;
  const level = '.default' as AccessLevel;
  const entry: CallerEntry = { name: 'billing' as CallerName, ...caller, apis: new Set([api]), headers: true };
  const keys = createSigningKeys(
    { clock, source: { fetch: async () => [jwk] } },
    { issuer: expected, upstreamTimeoutMs: () => 3_000, onFailure: () => {} },
  );
  const policy = createPolicy([entry], new Set([api]));
  const authenticate = createAuthenticate({
    verifier: createTokenVerifier({ clock, keys }, expected),
    policy,
    limiter: createRateLimiter(clock, new Map([[entry.name, { perSecond: 1e6, burst: 1e6 }]])),
  });
  const plain = { subscription, token: { client, scope: scopeOf(0) } };
  const offer: Offer = {
    api,
    baseUrl: 'https://gateway.example/payments',
    levels: new Map([[level, plain]]),
    plain,
  };
  const decide = createHeadersRoute({
    clock,
    authenticate,
    policy,
    offers: new Map([[api, offer]]),
    headerSets: createHeaderSets({ clock, ...caches }, { headerLifetimeMs: 300_000 }),
    setIds: createSetIds(caches.fingerprints),
  });
  return createAudited({ clock, audit: createLogAudit() }, 'headers.hand-out', decide);
}

export function createExchange(clock: Clock, token: string): Exchange {
  const request = new HttpRequest({
    method: 'GET',
    url: 'https://broker.example/v1/headers/payments',
    headers: { authorization: `Bearer ${token}` },
    params: { api: 'payments' },
  });
  const discard = () => {};
  return {
    request,
    requestId: '0b9c7a54-2f1d-4e3b-8c6a-5d4e3f2a1b0d' as RequestId,
    startedAt: clock.monotonic(),
    log: createLog({ info: discard, warn: discard, error: discard }),
  };
}
