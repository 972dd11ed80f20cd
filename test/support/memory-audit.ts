import type { BrokerError } from '../../shared/errors.ts';
import type { AuditRecord } from '../../shared/telemetry/audit.ts';
import type { AuditStore } from '../../shared/telemetry/ports.ts';
import { trailOf } from '../../shared/telemetry/trail.ts';

/**
 * An audit store in memory. `transactions` are those that were done. `gate` is what an append waits for before it does anything; `fault`
 * makes every call fail; `loseAnswers` makes appends fail after they were done.
 */
export function createMemoryAudit() {
  const kept: AuditRecord[] = [];
  const state: {
    fault: BrokerError | undefined;
    loseAnswers: BrokerError | undefined;
    gate: Promise<void>;
    transactions: (readonly AuditRecord[])[];
    attempts: number;
  } = { fault: undefined, loseAnswers: undefined, gate: Promise.resolve(), transactions: [], attempts: 0 };
  const keyOf = ({ time, requestId, action }: AuditRecord) => `${time} ${requestId} ${action}`;

  const store: AuditStore = {
    append: async (records) => {
      state.attempts += 1;
      await state.gate;
      if (state.fault) throw state.fault;
      const there = new Set(kept.map(keyOf));
      if (records.some((record) => there.has(keyOf(record)))) return 'there';
      kept.push(...records);
      state.transactions.push(records);
      if (state.loseAnswers) throw state.loseAnswers;
      return 'appended';
    },
    read: async ({ trail, sinceMs, untilMs, limit }) => {
      await Promise.resolve();
      if (state.fault) throw state.fault;
      const isAskedFor = (record: AuditRecord) => {
        const at = Date.parse(record.time);
        return trailOf(record) === trail && at >= sinceMs && at <= untilMs;
      };
      const found = kept.filter(isAskedFor).toSorted((one, other) => Date.parse(other.time) - Date.parse(one.time));
      return found.slice(0, limit).map((record) => JSON.parse(JSON.stringify(record)));
    },
  };
  return { store, state, kept };
}
