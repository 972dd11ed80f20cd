import type { TokenCredential } from '@azure/identity';
import { createAuditRecords } from './azure/audit-records.ts';
import type { Clock } from './clock.ts';
import type { Loaded } from './config/load.ts';
import { createLogAudit, type Audit } from './telemetry/audit.ts';
import type { Meter } from './telemetry/meter.ts';
import type { AuditStore } from './telemetry/ports.ts';
import { createStoredAudit } from './telemetry/stored-audit.ts';

type Dependencies = { clock: Clock; identity: TokenCredential; meter: Pick<Meter, 'auditFailed'> };

/** Where decisions are recorded, and where their records can be read again: nowhere but in the log, unless they are kept in a table. */
export type Trail = { readonly audit: Audit; readonly store: AuditStore | undefined };

export function buildTrail({ config, settings }: Loaded, { clock, identity, meter }: Dependencies): Trail {
  const { sink, onFailure } = config.broker.audit;
  const url = settings.tableServiceUrl;
  if (sink === 'log' || url === undefined) return { audit: createLogAudit(), store: undefined };
  const store = createAuditRecords({ clock, credential: identity }, { url });
  const audit = createStoredAudit({ clock, store, meter }, { onFailure, limitMs: config.broker.upstreamTimeoutMs });
  return { audit, store };
}
