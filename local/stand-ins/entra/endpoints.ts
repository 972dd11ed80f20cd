import { randomUUID } from 'node:crypto';
import type { Clock } from '../../../shared/clock.ts';
import type { StandInRequest, StandInResponse } from '../server.ts';
import { sameText } from './apps.ts';
import { instanceDiscovery, keySet, openIdConfiguration } from './discovery.ts';
import { noStore, refusals, refuse } from './errors.ts';
import type { AnswerContext } from './errors.ts';
import { judge } from './grant.ts';
import type { Directory } from './grant.ts';
import type { Issuer } from './issuer.ts';

/** What the endpoints answer from. */
type EndpointsOptions = {
  baseUrl: () => string;
  tenants: readonly string[];
  clock: Clock;
  issuer: Issuer;
  directory: Omit<Directory, 'nowMs'>;
};

const tenantPath =
  /^\/([^/]+)\/(oauth2\/v2\.0\/token|v2\.0\/\.well-known\/openid-configuration|discovery\/v2\.0\/keys)$/;

/** Entra's token endpoint, the metadata of its tenants and MSAL's instance discovery. Everything else is 404. */
export function createEndpoints(options: EndpointsOptions): (request: StandInRequest) => Promise<StandInResponse> {
  const { baseUrl, tenants, clock, issuer } = options;
  return async (request) => {
    const { pathname } = request.url;
    if (pathname === '/common/discovery/instance') return instanceDiscovery(baseUrl(), tenantAskedFor(request));
    const [, tenant, route] = tenantPath.exec(pathname) ?? [];
    if (!tenant || !route) return { status: 404 };
    const context = contextOf(request, baseUrl(), clock.wall());
    const tenantId = tenants.find((each) => sameText(each, tenant));
    if (route === 'oauth2/v2.0/token') {
      if (request.method !== 'POST') return refuse(refusals.wrongMethod(request.method), context);
      if (!tenantId) return refuse(refusals.unknownTenant(tenant, 'invalid_request'), context);
      return issueToken(options, request, tenantId, context);
    }
    if (request.method !== 'GET') return { status: 405, headers: { Allow: 'GET' } };
    if (!tenantId) return refuse(refusals.unknownTenant(tenant, 'invalid_tenant'), context);
    if (route === 'discovery/v2.0/keys') return keySet(baseUrl(), tenantId, issuer.keys.published());
    return openIdConfiguration(baseUrl(), tenantId);
  };
}

async function issueToken(
  { directory, issuer }: EndpointsOptions,
  request: StandInRequest,
  tenantId: string,
  context: AnswerContext,
): Promise<StandInResponse> {
  const verdict = judge(request, tenantId, { ...directory, nowMs: context.nowMs });
  if ('error' in verdict) return refuse(verdict, context);
  const expires_in = Math.floor(issuer.lifetimeMs() / 1000);
  const access_token = await issuer.mint({ subject: verdict.app, proof: verdict.proof, ...verdict.resource });
  return {
    status: 200,
    headers: { ...noStore, 'x-ms-request-id': randomUUID() },
    body: { token_type: 'Bearer', expires_in, ext_expires_in: expires_in, access_token },
  };
}

/** MSAL sends its correlation id as a query parameter, and asks as a header whether it may have it back. */
function contextOf({ url, headers }: StandInRequest, baseUrl: string, nowMs: number): AnswerContext {
  const correlationId = url.searchParams.get('client-request-id') ?? headers['client-request-id'];
  return { baseUrl, nowMs, correlationId: typeof correlationId === 'string' ? correlationId : randomUUID() };
}

function tenantAskedFor({ url }: StandInRequest): string {
  const endpoint = url.searchParams.get('authorization_endpoint') ?? '';
  return URL.canParse(endpoint) ? (new URL(endpoint).pathname.split('/')[1] ?? 'common') : 'common';
}
