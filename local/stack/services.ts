import { audience, brokerIdentity, tenants } from '../sample.ts';
import { createApiManagement } from '../stand-ins/api-management/api-management.ts';
import type { ApiManagement } from '../stand-ins/api-management/api-management.ts';
import { createControl } from '../stand-ins/control/control.ts';
import type { ControlOptions } from '../stand-ins/control/control.ts';
import { createEntra } from '../stand-ins/entra/entra.ts';
import type { Entra } from '../stand-ins/entra/entra.ts';
import type { Handle } from '../stand-ins/http.ts';
import { createIdentity } from '../stand-ins/identity.ts';
import { createVault } from '../stand-ins/vault/vault.ts';
import type { Vault } from '../stand-ins/vault/vault.ts';
import type { Deployment } from './deployment.ts';
import type { ServiceClock } from './service-clock.ts';

/** The services that the broker meets, before they listen. */
export type Services = {
  entra: Entra;
  identity: { handle: Handle };
  vault: Vault;
  apiManagement: ApiManagement;
  control: Handle;
};

/** What `createServices` takes; `entraUrl` is asked for only once a service is in use. */
export type ServicesOptions = Pick<ControlOptions, 'faults' | 'counts' | 'ready' | 'settings'> & {
  deployment: Deployment;
  gateways: number;
  entraUrl: () => string;
  clock: ServiceClock;
};

/** Builds the sample: the vault holds each client's secret, and of each subscription the primary key. */
export async function createServices(options: ServicesOptions): Promise<Services> {
  const { deployment, gateways, entraUrl, clock, faults, counts, ready, settings } = options;
  const { identity, callers, clients, resources, identityHeader } = deployment;
  const entra = await createEntra({ baseUrl: entraUrl, apps: [identity, ...callers, ...clients], resources, clock });
  const verify: Entra['verify'] = (token, audiences) => entra.verify(token, audiences);
  const vault = createVault({
    verify,
    authority: entraUrl,
    tenantId: tenants.broker,
    roles: { [brokerIdentity.objectId]: 'Key Vault Secrets Officer' },
    clock,
  });
  const apiManagement = createApiManagement({
    ...deployment.apiManagement,
    clock,
    gateways,
    verify,
    contributors: [brokerIdentity.objectId],
  });
  fillVault(vault, deployment, apiManagement);
  return {
    entra,
    identity: createIdentity({ entra, header: identityHeader, identities: [identity], clock }),
    vault,
    apiManagement,
    control: createControl({
      entra,
      vault,
      apiManagement,
      clock,
      faults,
      counts,
      ready,
      settings,
      callers,
      broker: { tenantId: tenants.broker, audience },
    }),
  };
}

function fillVault(vault: Vault, { vaultSecrets, apiManagement }: Deployment, service: ApiManagement): void {
  for (const [name, value] of vaultSecrets) vault.seed(name, value);
  for (const { sid } of apiManagement.subscriptions) {
    const keys = service.keys(sid);
    if (keys) vault.seed(sid, keys.primary);
  }
}
