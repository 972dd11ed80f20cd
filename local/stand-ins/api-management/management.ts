import type { Entra } from '../entra/entra.ts';
import type { StandInRequest, StandInResponse } from '../server.ts';
import type { Slot, Subscription } from './subscriptions.ts';

/** Where an API Management service is in Azure. */
export type ServiceIdentity = { azureSubscription: string; resourceGroup: string; name: string };

/** What the management API answers from. `regenerate` may do its work later. */
export type ManagementOptions = {
  service: ServiceIdentity;
  subscriptions: readonly Subscription[];
  verify: Entra['verify'];
  /** The object ids of those who have the role API Management Service Contributor. */
  contributors: readonly string[];
  regenerate: (subscription: Subscription, slot: Slot) => void;
};

const managementApiVersion = '2024-05-01';

/** Azure Resource Manager takes its own name with and without a slash at its end. */
const audiences = ['https://management.azure.com', 'https://management.azure.com/'];

const segment = '([^/]+)';
const resourcePath = new RegExp(
  `^/subscriptions/${segment}/resourceGroups/${segment}/providers/Microsoft\\.ApiManagement/service/${segment}` +
    `(?:/workspaces/${segment})?/subscriptions/${segment}(?:/${segment})?$`,
  'i',
);

const badToken = armError(401, 'InvalidAuthenticationToken', 'The access token is invalid.');
const tokenErrors: Partial<Record<string, StandInResponse>> = {
  expired: armError(401, 'ExpiredAuthenticationToken', 'The access token expiry is earlier than the current time.'),
  audience: armError(
    401,
    'InvalidAuthenticationTokenAudience',
    `The access token has been obtained for the wrong audience. It should be one of '${audiences.join("','")}'.`,
  ),
};

type Target = {
  azureSubscription: string;
  resourceGroup: string;
  service: string;
  workspace: string | undefined;
  sid: string;
  action: string | undefined;
};

/** API Management's part of Azure Resource Manager, one version of it: a subscription, its keys, and new ones in their place. */
export function createManagement(options: ManagementOptions): (request: StandInRequest) => Promise<StandInResponse> {
  return async ({ method, url, headers }) => {
    const unauthorized = await authenticate(headers.authorization, options);
    if (unauthorized) return unauthorized;
    const badVersion = checkVersion(url.searchParams.get('api-version'));
    if (badVersion) return badVersion;
    const target = parsePath(url.pathname);
    if (!target) return armError(404, 'InvalidResourceType', 'The resource type could not be found.');
    const found = findSubscription(options, target);
    return 'status' in found ? found : act(options, found, method, target, url.pathname);
  };
}

async function authenticate(
  authorization: string | undefined,
  { verify, contributors }: ManagementOptions,
): Promise<StandInResponse | undefined> {
  if (authorization === undefined)
    return armError(401, 'AuthenticationFailed', "Authentication failed. The 'Authorization' header is missing.");
  const token = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
  if (token === undefined)
    return armError(
      401,
      'AuthenticationFailedInvalidHeader',
      "Authentication failed. The 'Authorization' header is provided in an invalid format.",
    );
  const verdict = await verify(token, audiences);
  if (!verdict.ok) return tokenErrors[verdict.reason] ?? badToken;
  return contributors.some((each) => each === verdict.claims['oid'])
    ? undefined
    : armError(403, 'AuthorizationFailed', 'The client does not have authorization to perform this action.');
}

function checkVersion(version: string | null): StandInResponse | undefined {
  if (version === null)
    return armError(
      400,
      'MissingApiVersionParameter',
      'The api-version query parameter (?api-version=) is required for all requests.',
    );
  if (version === managementApiVersion) return undefined;
  return armError(
    400,
    'InvalidApiVersionParameter',
    `The api-version is invalid. The supported versions are '${managementApiVersion}'.`,
  );
}

function parsePath(path: string): Target | undefined {
  const match = resourcePath.exec(path);
  if (!match) return undefined;
  const [, azureSubscription = '', resourceGroup = '', service = '', workspace, sid = '', action] = match;
  return { azureSubscription, resourceGroup, service, workspace, sid, action };
}

function findSubscription(
  { service, subscriptions }: ManagementOptions,
  target: Target,
): Subscription | StandInResponse {
  if (!sameName(target.azureSubscription, service.azureSubscription))
    return armError(404, 'SubscriptionNotFound', 'The subscription could not be found.');
  if (!sameName(target.resourceGroup, service.resourceGroup))
    return armError(404, 'ResourceGroupNotFound', 'The resource group could not be found.');
  if (!sameName(target.service, service.name))
    return armError(404, 'ResourceNotFound', "The resource 'Microsoft.ApiManagement/service' was not found.");
  const found = subscriptions.find(
    ({ sid, workspace }) => sameName(sid, target.sid) && sameName(workspace ?? '', target.workspace ?? ''),
  );
  return found ?? armError(404, 'ResourceNotFound', 'Subscription not found.');
}

/** Azure's resource names do not distinguish capital letters. */
function sameName(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

function act(
  options: ManagementOptions,
  subscription: Subscription,
  method: string,
  { action }: Target,
  path: string,
): StandInResponse {
  const headers = { ETag: subscription.etag() };
  switch (`${method} ${action?.toLowerCase() ?? ''}`) {
    case 'GET ':
      return { status: 200, headers, body: describe(options.service, subscription, path) };
    case 'POST listsecrets': {
      const { primary, secondary } = subscription.keys();
      return { status: 200, headers, body: { primaryKey: primary, secondaryKey: secondary } };
    }
    case 'POST regenerateprimarykey':
      options.regenerate(subscription, 'primary');
      return { status: 204 };
    case 'POST regeneratesecondarykey':
      options.regenerate(subscription, 'secondary');
      return { status: 204 };
    default:
      return armError(405, 'MethodNotAllowed', 'The requested resource does not support this HTTP method.');
  }
}

/** The resource as a plain GET has it: without keys. */
function describe(service: ServiceIdentity, subscription: Subscription, path: string): object {
  const { azureSubscription, resourceGroup, name } = service;
  const serviceId = `/subscriptions/${azureSubscription}/resourceGroups/${resourceGroup}/providers/Microsoft.ApiManagement/service/${name}`;
  return {
    id: path,
    type: 'Microsoft.ApiManagement/service/subscriptions',
    name: subscription.sid,
    properties: {
      scope: `${serviceId}/products/${subscription.product}`,
      displayName: subscription.displayName,
      state: subscription.state(),
      createdDate: subscription.created.toISOString(),
    },
  };
}

function armError(status: number, code: string, message: string): StandInResponse {
  const challenge = 'Bearer authorization_uri="https://login.windows.net/", error="invalid_token"';
  return {
    status,
    headers: status === 401 ? { 'WWW-Authenticate': challenge } : {},
    body: { error: { code, message } },
  };
}
