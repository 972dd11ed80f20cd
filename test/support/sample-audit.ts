import { randomUUID } from 'node:crypto';
import {
  toTimestamp,
  type ApiName,
  type CallerName,
  type Fingerprint,
  type Guid,
  type RequestId,
} from '../../shared/names.ts';
import type { AuditRecord } from '../../shared/telemetry/audit.ts';

/** A hand-out to a caller, at a moment of the wall clock, with whatever else it is to say. */
export function sampleAudit(caller: string, atMs: number, fields: Partial<AuditRecord> = {}): AuditRecord {
  return {
    time: toTimestamp(atMs),
    requestId: randomUUID() as RequestId,
    action: 'headers.hand-out',
    outcome: 'allowed',
    code: null,
    reason: null,
    status: 200,
    durationMs: 12.346,
    caller: caller as CallerName,
    clientId: '0cfea938-4f8a-46e5-aeb9-49d2584e5f4f' as Guid,
    objectId: 'b7c4766b-063d-4674-aa7a-6fc3401bd7e3' as Guid,
    api: 'core' as ApiName,
    key: 'abcdefghijkl' as Fingerprint,
    ...fields,
  };
}
