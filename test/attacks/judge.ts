import { findCanaries } from '../../scripts/canaries.ts';
import type { AuditRecord } from '../../shared/telemetry/audit.ts';
import { mark, type Row } from './attack.ts';
import type { Scene } from './scene.ts';
import type { Answer, Sent } from './wire.ts';

/**
 * Sends one attack, and holds it to all that must be so of each: the status and code, nothing echoed, nothing that may be kept, no upstream asked, one
 * audit record or none, no secret.
 *
 * @returns what was wrong, one line each.
 */
export async function judge(at: Scene, [, make, status, code, reason]: Row): Promise<readonly string[]> {
  const sent = await make(at);
  const app = sent.signedIn ? at.signedIn : at.app;
  const before = await countAsked(at);
  const answer = await app.ask(sent);
  const records = await app.recordsOf(answer.headers['x-request-id'] ?? '');
  const asked = (await countAsked(at)) - before;
  return [
    ...wrongIf(answer.status !== status, `status ${answer.status} in place of ${status}`),
    ...wrongIf(asked > 0, `${asked} upstream requests`),
    ...(code === 'platform' ? judgePlatform(answer) : judgeHeaders(answer)),
    ...(code === 'accepted' || code === 'platform' ? [] : judgeProblem(answer, code)),
    ...(code === 'accepted' ? [] : findEchoes(sent, answer)),
    ...(code === 'accepted' ? [] : findCanaries(answer.all).map((where) => `a secret in the answer, ${where}`)),
    ...judgeRecords(records, code === 'accepted', reason),
    ...findEchoes(sent, { all: JSON.stringify(records) }).map((what) => `${what}, in the audit record`),
  ];
}

async function countAsked(at: Pick<Scene, 'asked'>): Promise<number> {
  return (await at.asked()).reduce((sum, { count }) => sum + count, 0);
}

/** What the upstreams were asked meanwhile, one entry for each time: `vault GET /secrets/okq8-core`. */
export async function askedOf(at: Pick<Scene, 'asked'>, meanwhile: () => Promise<void>): Promise<readonly string[]> {
  const before = await listAsked(at);
  await meanwhile();
  const after = await listAsked(at);
  return Array.from(after).flatMap(([name, count]) =>
    Array.from({ length: count - (before.get(name) ?? 0) }, () => name),
  );
}

async function listAsked(at: Pick<Scene, 'asked'>): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const { target, method, path, status, count } of await at.asked()) {
    const name = `${target} ${method} ${path}`;
    // Key Vault begins with a challenge.
    if (status !== 401) counts.set(name, (counts.get(name) ?? 0) + count);
  }
  return counts;
}

/** Nothing of a secret in what was printed. */
export function judgePrinted(at: Pick<Scene, 'printed'>): readonly string[] {
  return findCanaries(at.printed()).map((where) => `a secret was printed, ${where}`);
}

function judgePlatform({ body, headers }: Answer): string[] {
  return [
    ...wrongIf(body !== '', 'the platform says something'),
    ...wrongIf(headers['x-request-id'] !== undefined, 'the app was reached'),
  ];
}

const standing = { 'cache-control': 'no-store', pragma: 'no-cache', 'x-content-type-options': 'nosniff' };
/** What would let a cache keep an answer, or a page of another site read it. */
const unwanted = ['etag', 'last-modified', 'expires', 'age', 'access-control-allow-origin', 'set-cookie'];

function judgeHeaders({ headers }: Answer): string[] {
  return [
    ...Object.entries(standing).flatMap(([name, value]) =>
      wrongIf(headers[name] !== value, `${name}: ${headers[name]} in place of ${value}`),
    ),
    ...wrongIf(!/^[\da-f-]{36}$/.test(headers['x-request-id'] ?? ''), 'no request id'),
    ...unwanted.flatMap((name) => wrongIf(headers[name] !== undefined, `${name} is there`)),
  ];
}

const members = ['code', 'detail', 'requestId', 'status', 'title', 'type'];

function judgeProblem({ status, headers, body }: Answer, code: string): string[] {
  const type = headers['content-type'];
  if (!/^application\/(problem\+)?json$/.test(type ?? '')) return [`the body is ${type}`];
  const problem: Record<string, unknown> = JSON.parse(body);
  return [
    ...wrongIf(problem['code'] !== code, `code ${String(problem['code'])} in place of ${code}`),
    ...wrongIf(problem['status'] !== status, `status ${String(problem['status'])} in the body`),
    ...wrongIf(problem['requestId'] !== headers['x-request-id'], 'another request id in the body'),
    ...wrongIf(String(Object.keys(problem).toSorted()) !== String(members), `members ${Object.keys(problem).join()}`),
    ...wrongIf(status === 401 && !headers['www-authenticate']?.startsWith('Bearer '), 'no challenge'),
    ...wrongIf(status === 405 && !headers['allow'], 'no Allow'),
    ...wrongIf(status === 429 && !/^[1-9]\d*$/.test(headers['retry-after'] ?? ''), 'no Retry-After'),
  ];
}

function judgeRecords(records: readonly AuditRecord[], isAccepted: boolean, reason: string | undefined): string[] {
  if (isAccepted)
    return wrongIf(
      records.some(({ outcome }) => outcome !== 'allowed'),
      'recorded as refused',
    );
  const expected = reason === undefined ? 0 : 1;
  if (records.length !== expected) return [`${records.length} audit records in place of ${expected}`];
  return records.flatMap((record) => [
    ...wrongIf(record.outcome !== 'refused', `recorded as ${record.outcome}`),
    ...wrongIf(record.reason !== reason, `recorded for ${record.reason} in place of ${reason}`),
  ]);
}

/** Words of the protocol, which an answer may have for reasons of its own. */
const common = /^(?:bearer|application\/json|text\/plain|no-cache|websocket|(?:un)?compress|same-origin)$/i;
const leastEcho = 12;

/** Whatever of a request would be told back: what the attacker marked, each part of a token, the value of any header. */
function findEchoes({ headers = [], body = '' }: Sent, { all }: Pick<Answer, 'all'>): string[] {
  const values = [...headers.map(([, value]) => value), String(body)];
  const parts = values.flatMap((value) => [value, ...value.split(/[\s.,;]+/)]);
  const needles = [mark, ...parts.filter((part) => part.length >= leastEcho && !common.test(part))];
  return [...new Set(needles)].flatMap((needle) =>
    wrongIf(all.includes(needle), `echoed: ${needle.slice(0, 4)}… (${needle.length})`),
  );
}

function wrongIf(isWrong: boolean, what: string): string[] {
  return isWrong ? [what] : [];
}
