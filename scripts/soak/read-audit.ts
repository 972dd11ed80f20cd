import { callers } from '../../local/sample.ts';
import type { Instance } from './instance.ts';
import type { Tokens } from './tokens.ts';
import type { AuditRecord, ReadTrail } from './trail.ts';

const trails = [
  ...Object.entries(callers).flatMap(([name, { apis }]) => (apis ? [name] : [])),
  '_unknown',
  '_operators',
];
/** As many as an answer may have. */
const limit = 1_000;
const limitMs = 10_000;

/** Gets a path of the broker: its answer, or a rejection. */
type Get = (path: string) => Promise<string>;

/** Reads all trails by `GET /v1/audit` of one instance, as an operator. */
export function createAuditReader({ url }: Pick<Instance, 'url'>, tokens: Pick<Tokens, 'of'>): ReadTrail {
  const get: Get = async (path) => {
    const headers = { Authorization: `Bearer ${tokens.of('auditor')}` };
    const response = await fetch(`${url}${path}`, { headers, signal: AbortSignal.timeout(limitMs) });
    const text = await response.text();
    if (response.status !== 200) throw new Error(`The trail is answered ${response.status}.`);
    return text;
  };
  return async (sinceMs, untilMs) => {
    const records: AuditRecord[] = [];
    for (const trail of trails) records.push(...(await readOne(get, trail, sinceMs, untilMs)));
    return records;
  };
}

async function readOne(get: Get, caller: string, sinceMs: number, untilMs: number): Promise<AuditRecord[]> {
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
