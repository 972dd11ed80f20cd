import { randomBytes } from 'node:crypto';
import {
  apiManagementService,
  apis,
  audience,
  audienceUri,
  brokerIdentity,
  callers,
  clients,
  fingerprintSecretName,
  portalUser,
  subscriptions,
  tenants,
} from '../sample.ts';
import type { SampleApi } from '../sample.ts';
import type { ApiManagementOptions } from '../stand-ins/api-management/api-management.ts';
import type { Api } from '../stand-ins/api-management/gateway.ts';
import type { App, Resource } from '../stand-ins/entra/apps.ts';

/** The sample with secrets invented for one run, as each stand-in takes its part of it. */
export type Deployment = {
  identity: App;
  callers: readonly App[];
  clients: readonly App[];
  resources: readonly Resource[];
  apiManagement: Pick<ApiManagementOptions, 'service' | 'subscriptions' | 'apis' | 'portalUsers'>;
  /** Key Vault's first content, but for the subscription keys, which API Management invents. */
  vaultSecrets: ReadonlyMap<string, string>;
  /** What the platform puts into `IDENTITY_HEADER`. */
  identityHeader: string;
};

/** Every invented secret starts like this, so that one that ends up in some output is found there. */
const invent = (bytes = 20): string => `CANARY${randomBytes(bytes).toString('hex')}`;

/** Invents the secrets of one run. */
export function createDeployment(): Deployment {
  const portalPassword = invent();
  const clientSecrets = Object.entries(clients).map(([name, client]) => ({ name, client, value: invent() }));
  return {
    identity: appOf('token-broker', { tenantId: tenants.broker, ...brokerIdentity }),
    callers: Object.entries(callers).map(([name, { roles, ...principal }]) =>
      appOf(name, { tenantId: tenants.broker, ...principal, roles: { [audience]: roles } }),
    ),
    clients: clientSecrets.map(({ name, client, value }) => appOf(name, { ...client, secrets: [{ value }] })),
    resources: [{ tenantId: tenants.broker, audience, aliases: [audienceUri] }, ...apiResources()],
    apiManagement: describeApiManagement(portalPassword),
    vaultSecrets: new Map([
      ...clientSecrets.map(({ client, value }) => [client.secretName, value] as const),
      [fingerprintSecretName, invent(32)],
      [portalUser.passwordSecretName, portalPassword],
    ]),
    identityHeader: invent(),
  };
}

function appOf(name: string, app: Omit<App, 'name' | 'secrets' | 'roles'> & Partial<App>): App {
  const { tenantId, clientId, objectId, secrets = [], roles = {} } = app;
  return { name, tenantId, clientId, objectId, secrets, roles };
}

/** The APIs that take a token are registered in the tenant of the client that asks for it. */
function apiResources(): Resource[] {
  return Object.values(apis).flatMap(({ oauth }) => {
    const client = oauth && clients[oauth.client];
    return client ? [{ tenantId: client.tenantId, audience: oauth.scope }] : [];
  });
}

function describeApiManagement(portalPassword: string): Deployment['apiManagement'] {
  return {
    service: apiManagementService,
    subscriptions: Object.entries(subscriptions).map(([sid, { product, displayName }]) => ({
      sid,
      product,
      displayName,
    })),
    apis: Object.entries(apis).map(([name, api]) => toGatewayApi(name, api)),
    portalUsers: [{ id: portalUser.id, email: portalUser.email, password: portalPassword }],
  };
}

function toGatewayApi(name: string, { subscription, oauth }: SampleApi): Api {
  const product = subscriptions[subscription]?.product ?? '';
  return { name, path: name, product, ...(oauth && { audience: oauth.scope }) };
}
