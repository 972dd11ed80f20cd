import { createCounts } from '../../../local/stand-ins/counts.ts';
import { createEntra } from '../../../local/stand-ins/entra/entra.ts';
import type { App, Entra, Resource } from '../../../local/stand-ins/entra/entra.ts';
import { createFaults } from '../../../local/stand-ins/faults.ts';
import { serveStandIn } from '../../../local/stand-ins/server.ts';
import type { StandIn } from '../../../local/stand-ins/server.ts';
import type { Clock } from '../../../shared/clock.ts';

export const brokerTenant = '1c9a1d5e-55a1-4c2e-8d3e-0d0f4e2b6a01';
export const apiTenant = 'a53d724c-15ea-4469-a987-82a5b30ec167';
export const brokerAudience = '5b0f3f1e-6f61-4a5b-9a38-6f7b1f3d2c02';
export const apiAudience = 'api://apim-okq8-payments-api';

export const client: App = {
  tenantId: apiTenant,
  clientId: '0e5c2f6a-1b7d-4c58-8f39-2d4f5a6b7c03',
  objectId: '3f8b9d0c-7e6a-4b1d-9c2f-1a2b3c4d5e04',
  name: 'okq8',
  secrets: [{ value: 'CANARYc11e47' }, { value: 'CANARY01d', expires: Date.UTC(2020, 0, 1) }],
  roles: {},
};

export const caller: App = {
  tenantId: brokerTenant,
  clientId: '7a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c05',
  objectId: '8b2c3d4e-5f6a-4b7c-9d8e-0f1a2b3c4d06',
  name: 'billing',
  secrets: [{ value: 'CANARYca11e4' }, { value: 'CANARYca11e5', expires: Date.UTC(2100, 0, 1) }],
  roles: { [brokerAudience]: ['Headers.Read'] },
};

export const identity: App = {
  tenantId: brokerTenant,
  clientId: '9c3d4e5f-6a7b-4c8d-8e9f-1a2b3c4d5e07',
  objectId: 'ad4e5f6a-7b8c-4d9e-9f0a-2b3c4d5e6f08',
  name: 'token-broker',
  secrets: [],
  roles: {},
};

const resources: Resource[] = [
  { tenantId: apiTenant, audience: apiAudience },
  { tenantId: brokerTenant, audience: brokerAudience, aliases: ['api://token-broker'] },
];

/** An Entra with the apps above, that is reached nowhere. */
export function createTestEntra({
  clock,
  baseUrl = 'https://entra.example',
}: { clock?: Clock; baseUrl?: string } = {}): Promise<Entra> {
  return createEntra({ baseUrl: () => baseUrl, apps: [client, caller, identity], resources, ...(clock && { clock }) });
}

/** The same, served: with TLS when there is a certificate for it. */
export async function serveEntra({ clock, tls }: { clock?: Clock; tls?: { key: string; cert: string } } = {}): Promise<{
  entra: Entra;
  server: StandIn;
}> {
  let baseUrl = '';
  const entra = await createEntra({
    baseUrl: () => baseUrl,
    apps: [client, caller, identity],
    resources,
    ...(clock && { clock }),
  });
  const server = await serveStandIn({
    target: 'entra',
    faults: createFaults(),
    counts: createCounts(),
    handle: (request) => entra.handle(request),
    ...(tls && { tls }),
  });
  baseUrl = server.url;
  return { entra, server };
}
