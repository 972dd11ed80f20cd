import tls from 'node:tls';
import type { ApiManagement, Handler } from '../../local/stand-ins/api-management/api-management.ts';
import { createAuthority } from '../../local/stand-ins/certificates.ts';
import { createCounts, type Counts } from '../../local/stand-ins/counts.ts';
import { createFaults, type Faults } from '../../local/stand-ins/faults.ts';
import { serveStandIn, type StandInRequest, type StandInResponse, type Target } from '../../local/stand-ins/server.ts';
import { createService } from '../local/api-management/service.ts';
import { createManualClock, type ManualClock } from './manual-clock.ts';

/** An API Management service on real sockets, as `service.ts` of its own tests describes it. */
export type ApiManagementOnSockets = {
  readonly clock: ManualClock;
  readonly service: ApiManagement;
  readonly management: string;
  readonly portal: string;
  readonly gateways: readonly string[];
  readonly faults: Faults;
  readonly counts: Counts;
  /** What reached the service past the fault table, since `forget`. */
  readonly received: readonly StandInRequest[];
  /** Changes what the service answers, until `forget`. */
  rewrite(change: (request: StandInRequest, answer: StandInResponse) => StandInResponse): void;
  /** How many requests reached a target, whatever became of them, since `forget`. */
  requests(target: Target): number;
  /** As if nothing had happened: no faults, no counts. The keys stay. */
  forget(): void;
  close(): Promise<void>;
};

type Rewrite = (request: StandInRequest, answer: StandInResponse) => StandInResponse;

/** Management API and portal speak TLS, which this process trusts until it is closed; the gateways do not. */
export async function startApiManagement(): Promise<ApiManagementOnSockets> {
  const clock = createManualClock();
  const service = createService(clock);
  const common = { clock, faults: createFaults(clock), counts: createCounts() };
  const received: StandInRequest[] = [];
  let rewrite: Rewrite = (_, answer) => answer;

  const handleOf = (handler: Handler) => async (request: StandInRequest) => {
    received.push(request);
    return rewrite(request, await handler.handle(request));
  };
  const authority = await createAuthority();
  const certificate = await authority.issue(['127.0.0.1']);
  const trusted = tls.getCACertificates('default');
  tls.setDefaultCACertificates([...trusted, authority.caPem]);
  const standIns = await Promise.all([
    serveStandIn({ ...common, target: 'management', tls: certificate, handle: handleOf(service.management) }),
    serveStandIn({ ...common, target: 'portal', tls: certificate, handle: handleOf(service.portal) }),
    ...[0, 1].map((instance) =>
      serveStandIn({ ...common, target: 'gateway', instance, handle: handleOf(service.gateway(instance)) }),
    ),
  ]);
  const [management = '', portal = '', ...gateways] = standIns.map(({ url }) => url);

  return {
    ...common,
    service,
    management,
    portal,
    gateways,
    received,
    rewrite: (change) => {
      rewrite = change;
    },
    requests: (target) =>
      common.counts
        .list()
        .filter((row) => row.target === target)
        .reduce((sum, { count }) => sum + count, 0),
    forget: () => {
      common.faults.lift();
      common.counts.reset();
      received.length = 0;
      rewrite = (_, answer) => answer;
    },
    close: async () => {
      await Promise.all(standIns.map((standIn) => standIn.close()));
      tls.setDefaultCACertificates(trusted);
    },
  };
}
