import type { Entra } from '../entra/entra.ts';
import type { StandInRequest, StandInResponse } from '../server.ts';
import type { Slot, Subscription } from './subscriptions.ts';

/** An API behind the gateways. With an `audience` it wants a bearer token too. Its path is one or more segments without a slash at either end. */
export type Api = { name: string; path: string; product: string; audience?: string };

/** What a gateway answers from. */
export type GatewayOptions = {
  instance: number;
  serviceName: string;
  apis: readonly Api[];
  subscriptions: readonly Subscription[];
  verify: Entra['verify'];
};

const keyHeader = 'Ocp-Apim-Subscription-Key';

/** The documented messages; the two of status 403 are ours, since neither OKQ8 nor Azure prints one. */
const messages = {
  notFound: 'Resource not found',
  missingKey:
    'Access denied due to missing subscription key. Make sure to include subscription key when making requests to an API.',
  invalidKey:
    'Access denied due to invalid subscription key. Make sure to provide a valid key for an active subscription.',
  suspended: 'Access denied: the subscription is suspended.',
  wrongProduct: 'Access denied: the subscription does not include the product of this API.',
  invalidToken: 'Unauthorized. Access token is missing or invalid.',
} as const;

/**
 * One gateway, as OKQ8's page on API authentication describes it.
 *
 * The key counts only in its header, then product and state, then the quota, then the bearer token. What passes is echoed as the API's answer:
 * `{ api, gateway, subscription, slot }`.
 */
export function createGateway(options: GatewayOptions): (request: StandInRequest) => Promise<StandInResponse> {
  const { instance, apis, verify } = options;
  return async ({ url, headers }) => {
    const api = findApi(apis, url.pathname);
    if (!api) return refuse(404, messages.notFound);
    const admission = admitKey(options, api, headers[keyHeader.toLowerCase()]);
    if ('status' in admission) return admission;
    if (api.audience !== undefined && !(await isAuthorized(headers.authorization, api.audience, verify)))
      return refuse(401, messages.invalidToken);
    const { subscription, slot } = admission;
    return { status: 200, body: { api: api.name, gateway: instance, subscription: subscription.sid, slot } };
  };
}

function findApi(apis: readonly Api[], path: string): Api | undefined {
  return apis.find((api) => path === `/${api.path}` || path.startsWith(`/${api.path}/`));
}

function admitKey(
  { instance, serviceName, subscriptions }: GatewayOptions,
  api: Api,
  key: string | string[] | undefined,
): StandInResponse | { subscription: Subscription; slot: Slot } {
  if (typeof key !== 'string' || key === '') return challenge(messages.missingKey, serviceName, api);
  const match = findByKey(subscriptions, key, instance);
  const state = match?.subscription.stateAt(instance);
  if (!match || (state !== 'active' && state !== 'suspended')) return challenge(messages.invalidKey, serviceName, api);
  if (state === 'suspended') return refuse(403, messages.suspended);
  if (match.subscription.product !== api.product) return refuse(403, messages.wrongProduct);
  const waitMs = match.subscription.takeCall(instance);
  return waitMs === undefined ? match : throttle(waitMs);
}

function findByKey(
  subscriptions: readonly Subscription[],
  key: string,
  gateway: number,
): { subscription: Subscription; slot: Slot } | undefined {
  for (const subscription of subscriptions) {
    const slot = subscription.slotOf(key, gateway);
    if (slot) return { subscription, slot };
  }
  return undefined;
}

async function isAuthorized(
  authorization: string | undefined,
  audience: string,
  verify: Entra['verify'],
): Promise<boolean> {
  const token = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
  return token !== undefined && (await verify(token, audience)).ok;
}

function challenge(message: string, serviceName: string, api: Api): StandInResponse {
  const realm = `https://${serviceName}.azure-api.net/${api.path}`;
  return refuse(401, message, {
    'WWW-Authenticate': `AzureApiManagementKey realm="${realm}",name="${keyHeader}",type="header"`,
  });
}

function throttle(waitMs: number): StandInResponse {
  const seconds = Math.max(1, Math.ceil(waitMs / 1_000));
  return refuse(429, `Rate limit is exceeded. Try again in ${seconds} seconds.`, { 'Retry-After': String(seconds) });
}

function refuse(statusCode: number, message: string, headers: Record<string, string> = {}): StandInResponse {
  return { status: statusCode, headers, body: { statusCode, message } };
}
