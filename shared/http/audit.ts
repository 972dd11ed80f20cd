import type { Clock } from '../clock.ts';
import { BrokerError } from '../errors.ts';
import type { CallerName } from '../names.ts';
import type { FixedTrail } from '../telemetry/audit.ts';
import type { AuditStore, KeptRecord } from '../telemetry/ports.ts';
import { jsonAnswer } from './answer.ts';
import { readAuditQuery } from './audit-query.ts';
import type { Decide } from './audited.ts';
import { auditRecord, type AuditAnswer } from './contract/audit.ts';
import type { AuthenticateOperator } from './operator.ts';

type Dependencies = {
  clock: Clock;
  authenticateOperator: AuthenticateOperator;
  /** Absent where the trail is in the log. */
  store: Pick<AuditStore, 'read'> | undefined;
  /** Those of the configuration, and the fixed ones. Others may be read too: those of callers that there were. */
  trails: readonly (CallerName | FixedTrail)[];
};

/** `GET /v1/audit?caller=…[&since=…][&until=…][&limit=…]` */
export function createAuditRoute({ clock, authenticateOperator, store, trails }: Dependencies): Decide {
  return async ({ request }, facts, signal) => {
    await authenticateOperator(request, 'read', facts, signal);
    const query = readAuditQuery(request.url, clock.wall());
    // What an operator wrote stands in no record, unless it is one of our names.
    const trail = trails.find((each) => each === query.trail);
    if (trail !== undefined) facts.trail = trail;
    if (!store) throw new BrokerError('audit-in-log');
    const found = await store.read({ ...query, limit: query.limit + 1 }, signal);
    const answer: AuditAnswer = {
      records: found.slice(0, query.limit).map(checkRecord),
      complete: found.length <= query.limit,
    };
    return jsonAnswer(answer);
  };
}

/** A trail with a row that nobody can have written is not read as if it had none. */
function checkRecord(kept: KeptRecord): AuditAnswer['records'][number] {
  const checked = auditRecord.safeParse(kept);
  if (!checked.success) throw new BrokerError('record-corrupt');
  return checked.data;
}
