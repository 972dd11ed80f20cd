import { callers } from '../../local/sample.ts';
import type { AuditRecord } from './trail.ts';

/** Gets a path of the broker as an operator: its answer, or a rejection. */
type Get = (path: string) => Promise<string>;

const trails = [
  ...Object.entries(callers).flatMap(([name, { apis }]) => (apis ? [name] : [])),
  '_unknown',
  '_operators',
];
const limit = 1_000;

/** Reads all trails by `GET /v1/audit`. `sinceMs` and `untilMs` are wall clock, both included. */
export async function readAudit(get: Get, sinceMs: number, untilMs: number): Promise<readonly AuditRecord[]> {
  const records: AuditRecord[] = [];
  for (const trail of trails) records.push(...(await readTrail(get, trail, sinceMs, untilMs)));
  return records;
}

async function readTrail(get: Get, caller: string, sinceMs: number, untilMs: number): Promise<AuditRecord[]> {
  const found = new Map<string, AuditRecord>();
  let until = new Date(untilMs).toISOString();
  for (;;) {
    const since = new Date(sinceMs).toISOString();
    const query = new URLSearchParams({ caller, since, until, limit: String(limit) });
    const answer: { records: AuditRecord[]; complete: boolean } = JSON.parse(
      await get(`/v1/audit?${query.toString()}`),
    );
    for (const record of answer.records) found.set(`${record.requestId} ${record.action}`, record);
    // The newest come first; those of the last millisecond come twice.
    const last = answer.records.at(-1);
    if (answer.complete || !last) return [...found.values()];
    until = last.time;
  }
}
