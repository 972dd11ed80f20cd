import { createAuditRecords } from './azure/audit-records.ts';
import type { Worker } from './broker-worker.ts';
import type { Clock } from './clock.ts';
import type { Config } from './config/config.ts';
import { createAuditRoute } from './http/audit.ts';
import { createAudited } from './http/audited.ts';
import type { AuthenticateOperator } from './http/operator.ts';
import type { Route } from './http/serve.ts';
import { createLenientAudit, createLogAudit, type Audit } from './telemetry/audit.ts';
import { countAuditFailures, countDecisions } from './telemetry/measured.ts';
import type { AuditStore } from './telemetry/ports.ts';
import { createStoredAudit } from './telemetry/stored-audit.ts';
import { fixedTrails } from './telemetry/trail.ts';

/** Where decisions are recorded. */
export type Trail = {
  readonly clock: Clock;
  readonly audit: Audit;
  /** Where their records can be read again; absent where they are in the log. */
  readonly store: AuditStore | undefined;
};

/** Makes the trail of one configuration after another. What is waiting to be kept outlives each of them. */
export function buildTrails({ clock, settings, vault, measured, terms }: Worker): (config: Config) => Trail {
  const { meter } = measured;
  const inLog = countAuditFailures(meter, createLogAudit());
  const inTable = settings.tableServiceUrl === undefined ? undefined : buildTable(settings.tableServiceUrl);

  function buildTable(url: string) {
    const store = createAuditRecords({ clock, credential: vault.identity }, { url });
    const limitMs = () => terms.current.upstreamTimeoutMs;
    const strict = countAuditFailures(meter, createStoredAudit({ clock, store }, { limitMs }));
    return { store, deny: strict, log: createLenientAudit(strict) };
  }

  return ({ broker: { audit } }) => {
    const table = audit.sink === 'table' ? inTable : undefined;
    return { clock, audit: countDecisions(meter, table?.[audit.onFailure] ?? inLog), store: table?.store };
  };
}

/** `GET /v1/audit` */
export function buildAuditRoute(trail: Trail, { callers }: Config, authenticateOperator: AuthenticateOperator): Route {
  const { clock, store } = trail;
  const trails = [...callers.map(({ name }) => name), ...fixedTrails];
  return createAudited(trail, 'audit.read', createAuditRoute({ clock, authenticateOperator, store, trails }));
}
