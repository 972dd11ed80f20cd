import { apiManagementService, apis, audience, callers, clients, subscriptions, tenants } from '../sample.ts';

/** The sample's `broker.config.json`, for gateways at these addresses; the first is the one that callers are sent to. */
export function createBrokerConfig(gateways: readonly [string, ...string[]]): object {
  const [gateway] = gateways;
  return {
    broker: { tenantId: tenants.broker, audience, headerLifetime: '5m' },
    apis: mapValues(apis, (api, name) => ({ baseUrl: `${gateway}/${name}`, ...api })),
    subscriptions: mapValues(subscriptions, ({ probe }, name) => ({
      authority: { kind: 'arm', resourceId: resourceIdOf(name) },
      probe: { url: `${gateway}/${probe}/ping`, gateways },
      rotation: { every: '30d', settle: '10m' },
    })),
    clients: mapValues(clients, ({ tenantId, clientId, secretName }) => ({
      tenantId,
      clientId,
      credential: { secret: secretName },
    })),
    callers: Object.fromEntries(
      Object.entries(callers).flatMap(([name, { clientId, objectId, apis: allowed, call }]) =>
        allowed ? [[name, { clientId, objectId, apis: allowed, ...(call && { call }) }]] : [],
      ),
    ),
  };
}

function resourceIdOf(subscription: string): string {
  const { azureSubscription, resourceGroup, name } = apiManagementService;
  return `/subscriptions/${azureSubscription}/resourceGroups/${resourceGroup}/providers/Microsoft.ApiManagement/service/${name}/subscriptions/${subscription}`;
}

function mapValues<T, R>(
  record: Readonly<Record<string, T>>,
  change: (value: T, name: string) => R,
): Record<string, R> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value, name)]));
}
