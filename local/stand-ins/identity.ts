import { randomUUID } from 'node:crypto';
import { systemClock } from '../../shared/clock.ts';
import type { Clock } from '../../shared/clock.ts';
import { sameText } from './entra/apps.ts';
import type { App, Entra } from './entra/entra.ts';
import type { StandInRequest, StandInResponse } from './server.ts';

/** What `createIdentity` takes. The first identity is the system-assigned one; the others are asked for by their client id. */
type IdentityOptions = {
  entra: Pick<Entra, 'mint' | 'resolve'>;
  /** What the platform puts into `IDENTITY_HEADER`. */
  header: string;
  identities: readonly [App, ...App[]];
  clock?: Clock;
};

/** Where `IDENTITY_ENDPOINT` points, below the server's URL. */
export const identityPath = '/msi/token';

const apiVersion = '2019-08-01';
/** Tokens of managed identities live for a day. */
const lifetimeMs = 86_400_000;

/**
 * The managed identity endpoint of App Service and Azure Functions, protocol 2019-08-01 ("Use managed identities for App Service"): v1 tokens,
 * `expires_on` as Unix seconds in a string. A missing `X-IDENTITY-HEADER` is 401, a wrong one 403, which Microsoft does not document; the text for
 * an unknown identity is the one that people posted.
 */
export function createIdentity(options: IdentityOptions): {
  handle(request: StandInRequest): Promise<StandInResponse>;
} {
  return {
    handle: async (request) => {
      const refused = checkRequest(request, options.header);
      if (refused) return refused;
      const { searchParams } = request.url;
      const identity = findIdentity(options.identities, searchParams.get('client_id'));
      if (!identity)
        return fail(
          400,
          'No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId.',
        );
      return issueToken(options, identity, searchParams.get('resource') ?? '');
    },
  };
}

function checkRequest({ method, url, headers }: StandInRequest, header: string): StandInResponse | undefined {
  if (url.pathname !== identityPath) return fail(404, 'Not found.');
  if (method !== 'GET') return fail(405, 'Only GET is supported.');
  const sent = headers['x-identity-header'];
  if (sent === undefined) return fail(401, 'The X-IDENTITY-HEADER header is missing.');
  if (sent !== header) return fail(403, 'The X-IDENTITY-HEADER header is wrong.');
  if (url.searchParams.get('api-version') !== apiVersion) return fail(400, `The api-version must be ${apiVersion}.`);
  if (!url.searchParams.get('resource')) return fail(400, 'The resource parameter is missing.');
  return undefined;
}

function findIdentity(identities: IdentityOptions['identities'], clientId: string | null): App | undefined {
  return clientId === null ? identities[0] : identities.find((each) => sameText(each.clientId, clientId));
}

async function issueToken(
  { entra, clock = systemClock }: IdentityOptions,
  identity: App,
  name: string,
): Promise<StandInResponse> {
  const resource = entra.resolve(identity.tenantId, name);
  if (!resource) return fail(400, 'AADSTS500011: The resource principal was not found in the tenant.');
  const access_token = await entra.mint({ subject: identity, ...resource, lifetimeMs });
  const expires_on = String(Math.floor((clock.wall() + lifetimeMs) / 1000));
  const body = { access_token, expires_on, resource: name, token_type: 'Bearer', client_id: identity.clientId };
  return { status: 200, headers: { 'Cache-Control': 'no-store' }, body };
}

function fail(statusCode: number, message: string): StandInResponse {
  return { status: statusCode, body: { statusCode, message, correlationId: randomUUID() } };
}
