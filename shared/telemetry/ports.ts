import type { AuditRecord } from './audit.ts';

/** Records of one trail, from one moment to another, both included, in milliseconds since the epoch. */
export type AuditQuery = {
  readonly trail: string;
  readonly sinceMs: number;
  readonly untilMs: number;
  readonly limit: number;
};

/** A record as it was kept: whoever reads it checks it. */
export type KeptRecord = Readonly<Record<string, unknown>>;

/**
 * Where audit records are kept. Both functions throw {BrokerError} `storage-unavailable` or `storage-refused`, and what the identity throws;
 * nothing is tried again.
 */
export type AuditStore = {
  /**
   * Keeps records of one trail and day, at most 100: all of them, or none.
   *
   * `storage-unavailable` may also mean that they are kept, and only the answer was lost. Asked again for the same ones, it then says so.
   *
   * @returns `there` where one of them is kept already: nothing was done.
   */
  append(records: readonly AuditRecord[], signal: AbortSignal): Promise<'appended' | 'there'>;
  /** Newest first. */
  read(query: AuditQuery, signal: AbortSignal): Promise<readonly KeptRecord[]>;
};
