import type { Code, Reason } from '../errors.ts';
import type {
  AccessLevel,
  ApiName,
  CallerName,
  Fingerprint,
  Guid,
  RequestId,
  StatedReason,
  SubscriptionName,
  Timestamp,
} from '../names.ts';
import type { Log } from './log.ts';

/** One decision: who was given what, or was not, and why. No secret fits into it by type, but in the words of an operator, which are looked at. */
export type AuditRecord = {
  readonly time: Timestamp;
  readonly requestId: RequestId;
  readonly action: AuditAction;
  /** `failed`: allowed by policy, but not to be had. */
  readonly outcome: 'allowed' | 'refused' | 'failed';
  readonly code: Code | null;
  readonly reason: Reason | null;
  readonly status: number;
  readonly durationMs: number;
} & AuditFacts;

export type AuditAction =
  | 'headers.hand-out'
  | 'headers.reject'
  | 'apis.list'
  | 'api.call'
  | 'api.repeat'
  | 'token.validate'
  | 'status.read'
  | 'rotation.read'
  | 'rotation.start'
  | 'rotation.pause'
  | 'rotation.resume'
  | 'rotation.rollback'
  | 'rotation.emergency'
  | 'doctor.run'
  | 'audit.read';

/** What an API's refusal was about. */
export type RejectedCredential = 'key' | 'token' | 'none';
/** What came of a report that an API refused a header set; `docs/rejections.md` says what each means. */
export type RejectionAction =
  | 'replaced'
  | 'superseded'
  | 'unchanged'
  | 'alternate'
  | 'key-refused'
  | 'source-down'
  | 'limited'
  | 'forbidden'
  | 'throttled';

/** What becomes known on a request's way. What is absent was not reached. */
export type AuditFacts = {
  caller?: CallerName;
  clientId?: Guid;
  objectId?: Guid;
  api?: ApiName;
  access?: AccessLevel;
  key?: Fingerprint;
  token?: Fingerprint;
  expiresOn?: Timestamp;
  /** Of `headers.reject` and `api.repeat`: what was found to have been refused, and what came of it. */
  rejected?: RejectedCredential;
  rejection?: RejectionAction;
  subscription?: SubscriptionName;
  /** What an operator gave as the reason. */
  statedReason?: StatedReason;
  /** The command was carried out before, under the same Idempotency-Key. */
  replayed?: boolean;
  /** Of `audit.read`: whose records were read. */
  trail?: CallerName | FixedTrail;
};

/** Where the records stand that are no configured caller's: of requests that nobody could be told for, and of operators. */
export type FixedTrail = '_unknown' | '_operators';

/** Accepts a record before what it tells of happens. @throws when it cannot; then no credential leaves. */
export type Audit = { accept(record: AuditRecord, log: Log): Promise<void> };

/** Has what a sink does not take written to the log, and what it tells of happen. */
export function createLenientAudit(audit: Audit): Audit {
  return {
    accept: (record, log) => audit.accept(record, log).catch(() => log.info('audit', record)),
  };
}

/** The structured log as the audit trail. */
export function createLogAudit(): Audit {
  return {
    accept: async (record, log) => log.info('audit', record),
  };
}
