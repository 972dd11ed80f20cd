import type { Clock } from '../clock.ts';
import { withDeadline } from '../deadline.ts';
import type { Audit, AuditRecord } from './audit.ts';
import { createAppend } from './audit-append.ts';
import { createBreaker, type Breaker } from './breaker.ts';
import { createGroupCommit, type GroupCommit } from './group-commit.ts';
import type { Log } from './log.ts';
import type { AuditStore } from './ports.ts';
import { describeError } from './redaction.ts';
import { dayOf, trailOf } from './trail.ts';

type Dependencies = { clock: Clock; store: Pick<AuditStore, 'append'> };
type Options = {
  /** How long a record may take, in milliseconds. */
  limitMs: () => number;
  random?: () => number;
};

/** "Performing entity group transactions": 100 entities, 4 MiB; a little is left for what is not entities. */
const most = { items: 100, bytes: 4_000_000 };
/** Of one trail: twenty transactions. */
const mostWaiting = 2_000;
/** What stands around a record in a transaction, at most. */
const frameBytes = 1_000;
/** How much of a record's time its transaction has: whoever waits for it then still hears why it failed. */
const writingShare = 0.9;
const backoff = { firstMs: 250, mostMs: 5_000 };

type Trail = { breaker: Breaker; commit: GroupCommit<AuditRecord> };

/**
 * The audit trail in a store of records. What one caller causes at the same time is written together; callers do not wait for one another. There
 * are as many trails as callers in the configuration, and two more.
 */
export function createStoredAudit({ clock, store }: Dependencies, { limitMs, random }: Options): Audit {
  const append = createAppend({ clock, store }, () => limitMs() * writingShare);
  const trails = new Map<string, Trail>();

  const createTrail = (): Trail => {
    const breaker = createBreaker(clock, backoff, random);
    const write = (records: readonly AuditRecord[]) => breaker.run(() => append(records));
    return { breaker, commit: createGroupCommit({ write, keyOf: dayOf, sizeOf, most, mostWaiting }) };
  };

  const keep = async (record: AuditRecord): Promise<void> => {
    const name = trailOf(record);
    const trail = trails.get(name) ?? createTrail();
    trails.set(name, trail);
    trail.breaker.check();
    await withDeadline(clock, limitMs(), 'audit-unavailable', (signal) => trail.commit.add(record, signal));
  };

  return {
    accept: async (record, log) => {
      try {
        await keep(record);
      } catch (error) {
        tell(record, error, log);
        throw error;
      }
    },
  };
}

function sizeOf(record: AuditRecord): number {
  return Buffer.byteLength(JSON.stringify(record)) + frameBytes;
}

/** Why, of what was thrown or, where that says no more than that there can be no record, of what is behind it. */
function tell({ requestId, action, caller, api }: AuditRecord, error: unknown, log: Log): void {
  log.warn('audit-unwritten', { requestId, action, caller, api, ...describeError(rootOf(error)) });
}

function rootOf(error: unknown): unknown {
  return error instanceof Error && error.cause instanceof Error ? error.cause : error;
}
