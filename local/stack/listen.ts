import type { Clock } from '../../shared/clock.ts';
import type { ApiManagement } from '../stand-ins/api-management/api-management.ts';
import type { Authority } from '../stand-ins/certificates.ts';
import { serveControl } from '../stand-ins/control/control.ts';
import type { Counts } from '../stand-ins/counts.ts';
import type { Faults } from '../stand-ins/faults.ts';
import type { Handle, StandIn } from '../stand-ins/http.ts';
import { serveStandIn } from '../stand-ins/server.ts';
import type { Target } from '../stand-ins/server.ts';
import type { Cleanup } from './cleanup.ts';
import { openOn, wantPort } from './ports.ts';
import type { WantedPort } from './ports.ts';
import type { Services } from './services.ts';
import { settleAll } from './settle.ts';

/** What every server of the stack has in common. */
export type Surroundings = { faults: Faults; counts: Counts; clock: Clock; authority: Authority; cleanup: Cleanup };

/** Ports that were asked for. Without them the customary ones are taken, or any that are free where those are not. */
export type StackPorts = { control?: number; gateways?: readonly number[] };

/** Where everything listens. */
export type Servers = Record<'control' | 'entra' | 'identity' | 'vault' | 'management' | 'portal', StandIn> & {
  gateways: StandIn[];
};

const customaryControlPort = 7099;
const customaryGatewayPort = 7080;
const anyPort: WantedPort = { port: 0, isFixed: true };

type ServeOptions = { instance?: number; port?: WantedPort; isPlain?: boolean };

/** Serves one stand-in until the stack closes; with TLS, unless told otherwise. */
export async function serve(
  { authority, cleanup, ...common }: Surroundings,
  target: Target,
  service: { handle: Handle },
  { instance = 0, port = anyPort, isPlain = false }: ServeOptions = {},
): Promise<StandIn> {
  const secured = isPlain ? {} : { tls: await authority.issue(['127.0.0.1', 'localhost']) };
  const handle: Handle = (request) => service.handle(request);
  const server = await openOn(port, (number) =>
    serveStandIn({ ...common, ...secured, target, instance, handle, port: number }),
  );
  cleanup.add(() => server.close());
  return server;
}

/** Serves all but the storage. Gateways, identity and control speak plain HTTP: the first and the last for curl, the second as on Azure. */
export async function listen(services: Services, ports: StackPorts, surroundings: Surroundings): Promise<Servers> {
  const { entra, identity, vault, apiManagement, control } = services;
  return {
    gateways: await listenAtGateways(apiManagement, ports.gateways ?? [undefined, undefined], surroundings),
    entra: await serve(surroundings, 'entra', entra),
    identity: await serve(surroundings, 'identity', identity, { isPlain: true }),
    vault: await serve(surroundings, 'vault', vault),
    management: await serve(surroundings, 'management', apiManagement.management),
    portal: await serve(surroundings, 'portal', apiManagement.portal),
    control: await listenAtControl(control, ports.control, surroundings),
  };
}

function listenAtGateways(
  apiManagement: ApiManagement,
  asked: readonly (number | undefined)[],
  surroundings: Surroundings,
): Promise<StandIn[]> {
  const gateways = asked.map((port, instance) =>
    serve(surroundings, 'gateway', apiManagement.gateway(instance), {
      instance,
      port: wantPort(port, customaryGatewayPort + instance),
      isPlain: true,
    }),
  );
  return settleAll(gateways);
}

async function listenAtControl(handle: Handle, asked: number | undefined, { cleanup }: Surroundings): Promise<StandIn> {
  const server = await openOn(wantPort(asked, customaryControlPort), (port) => serveControl({ handle, port }));
  cleanup.add(() => server.close());
  return server;
}
