import type { TokenCredential } from '@azure/identity';
import type { Clock } from '../clock.ts';
import { toNewestFirst } from '../moment.ts';
import type { AuditRecord } from '../telemetry/audit.ts';
import type { AuditQuery, AuditStore, KeptRecord } from '../telemetry/ports.ts';
import { dayOf, trailOf } from '../telemetry/trail.ts';
import { asMembers } from './json.ts';
import { createTableClient } from './table-client.ts';
import { failUnless, submitToNewTable } from './table-refusal.ts';
import { toLiteral } from './table-url.ts';

type Dependencies = { clock: Clock; credential: TokenCredential };
type Options = {
  /** The account's table service, without a slash at its end: `https://<account>.table.core.windows.net`. */
  url: string;
};

const dayMs = 86_400_000;
/** What the service adds. */
const notOurs = new Set(['PartitionKey', 'RowKey', 'Timestamp']);
/** What a record always has, and a table has no null to say. */
const nullable = { code: null, reason: null };

/**
 * Audit records in Azure Table Storage: a table for each month (`audit202611`), made when it is first written to and dropped when nobody must
 * have it any more; a partition for each trail and day (`billing_2026-11-24`); a row for each record, the later, the lower. Rows are
 * added and never changed, and no two decisions have one key, since a request has one of each action: writers, of one instance or of several,
 * have nothing to contend for.
 *
 * The identity needs the role Storage Table Data Contributor.
 */
export function createAuditRecords(dependencies: Dependencies, { url }: Options): AuditStore {
  const tableOf = (day: string) =>
    createTableClient(dependencies, { url, table: `audit${day.slice(0, 4)}${day.slice(5, 7)}` });

  const readDay = async (day: string, { trail, sinceMs, untilMs, limit }: AuditQuery, signal: AbortSignal) => {
    const [partition, from, to] = [toPartition(trail, day), toNewestFirst(untilMs), toNewestFirst(sinceMs - 1)].map(
      toLiteral,
    );
    const filter = `PartitionKey eq ${partition} and RowKey ge ${from} and RowKey lt ${to}`;
    const found = await tableOf(day).query({ filter, limit }, signal).catch(failUnless('TableNotFound'));
    return (found ?? []).map(toKept);
  };

  return {
    append: async (records, signal) => {
      const [first] = records;
      if (!first) return 'appended';
      const operations = records.map((record) => ({ entity: toEntity(record) }));
      const etag = await submitToNewTable(tableOf(dayOf(first)), operations, signal).catch(
        failUnless('EntityAlreadyExists'),
      );
      return etag === undefined ? 'there' : 'appended';
    },
    read: async (query, signal) => {
      const found: KeptRecord[] = [];
      for (const day of daysOf(query)) {
        if (found.length >= query.limit) break;
        found.push(...(await readDay(day, { ...query, limit: query.limit - found.length }, signal)));
      }
      return found;
    },
  };
}

function toPartition(trail: string, day: string): string {
  return `${trail}_${day}`;
}

function toEntity(record: AuditRecord) {
  const given = Object.entries(record).filter(([, value]) => value !== null && value !== undefined);
  return {
    PartitionKey: toPartition(trailOf(record), dayOf(record)),
    RowKey: `${toNewestFirst(Date.parse(record.time))}_${record.requestId}_${record.action}`,
    ...Object.fromEntries(given),
  };
}

function toKept(entity: unknown): KeptRecord {
  const ours = Object.entries(asMembers(entity) ?? {}).filter(([name]) => !notOurs.has(name));
  return { ...nullable, ...Object.fromEntries(ours) };
}

/** Newest first. */
function daysOf({ sinceMs, untilMs }: AuditQuery): string[] {
  const [first, last] = [Math.floor(sinceMs / dayMs), Math.floor(untilMs / dayMs)];
  const days = Array.from({ length: last - first + 1 }, (_, index) => (last - index) * dayMs);
  return days.map((at) => new Date(at).toISOString().slice(0, 10));
}
