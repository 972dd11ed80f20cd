import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { findCanaries } from '../../scripts/canaries.ts';
import { BrokerError } from '../../shared/errors.ts';
import type { CallerName, RequestId } from '../../shared/names.ts';
import { Secret } from '../../shared/secret.ts';
import { createLog } from '../../shared/telemetry/log.ts';
import { createMetrics } from '../../shared/telemetry/metrics.ts';
import { createStoredAudit } from '../../shared/telemetry/stored-audit.ts';
import { eventually, startBrokerOnStack, type BrokerOnStack } from '../support/broker-on-stack.ts';
import { createMeasuring } from '../support/metrics-reader.ts';
import { sampleAudit } from '../support/sample-audit.ts';
import { readHeap, textsKeptBy } from './heap.ts';

/** What is kept for telemetry, and where a canary is in it. */
export type Kept = {
  readonly texts: number;
  /** How many requests there are whose records wait to be written. */
  readonly waiting: number;
  /** Whether what OpenTelemetry's SDK keeps is among it. */
  readonly measured: boolean;
  readonly found: readonly string[];
};

/** Whatever counts, measures, logs, audits or traces, but for the routes themselves. */
const telemetry = /\/shared\/(?:telemetry|operations)\/|\/shared\/(?:broker-telemetry|broker-audit|trace-context)\./;
const canary = 'CANARY0123456789abcdef';
const requests = 8;
const requestId = /^0{8}-0{4}-4000-8000-\d{12}$/;

async function look(): Promise<Kept> {
  const texts = textsKeptBy(await readHeap(), (file) => telemetry.test(file));
  return {
    texts: texts.length,
    waiting: new Set(texts.flatMap(({ text }) => (requestId.test(text) ? [text] : []))).size,
    measured: texts.some(({ path }) => /\._(?:observableRegistry|writableMetricStorage)\./.test(path)),
    found: texts.flatMap(({ path, text }) => (findCanaries(text).length > 0 ? [path] : [])),
  };
}

/** Storage takes the connection and says nothing: one caller's record has failed by then, those of another wait. */
async function fill(on: BrokerOnStack, storage: string): Promise<void> {
  on.restart((config) => ({ ...config, broker: { ...config.broker, audit: { sink: 'table', onFailure: 'deny' } } }), {
    tableServiceUrl: storage,
  });
  const first = on.headers('core', { token: await on.token('reporting') });
  await eventually(() => connections > 0);
  await on.clock.advance(10_000);
  const { status } = await first;
  if (status !== 503) throw new Error(`A hand-out whose record cannot be written is answered with ${status}.`);
  const token = await on.token('billing');
  const headers = { 'x-secret': canary, cookie: `session=${canary}`, tracestate: `a=${canary}` };
  for (let asked = 0; asked < requests; asked += 1) {
    const api = asked % 2 === 0 ? 'core' : 'payments';
    void on.headers(api, { token, headers, traceParent: `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01` }).catch(() => {});
  }
  void on.headers(`core?key=${canary}`, { token: canary }).catch(() => {});
  await eventually(async () => asksOf(await on.metrics()) > 1.5 * requests);
}

const asksOf = (read: Awaited<ReturnType<BrokerOnStack['metrics']>>) =>
  (read.get('token_broker.cache.requests') ?? []).reduce((sum, { value }) => sum + value, 0);

/** Puts a canary where one would be, in each kind of buffer. */
function plant({ clock }: BrokerOnStack): void {
  const limitMs = () => 1e9;
  const log = createLog({ info: () => {}, warn: () => {}, error: () => {} });
  const hanging = createStoredAudit({ clock, store: { append: () => new Promise(() => {}) } }, { limitMs });
  const encoded = Buffer.from(canary).toString('base64url') as RequestId;
  const secret = { ...sampleAudit('planted', 0), secret: new Secret(`${canary}-in-a-secret`) };
  // The first is being written, and the others wait.
  for (const record of [sampleAudit('planted', 0), secret, sampleAudit('planted', 0, { requestId: encoded })])
    void hanging.accept(record, log).catch(() => {});
  const cause = Object.assign(new Error('x'), { request: { headers: { authorization: `Bearer ${canary}` } } });
  const refuse = () => Promise.reject(new BrokerError('storage-unavailable', { cause }));
  const failing = createStoredAudit({ clock, store: { append: refuse } }, { limitMs });
  void failing.accept(sampleAudit('planted', 0), log).catch(() => {});
  const metrics = createMetrics(clock, createMeasuring().meter);
  const decision = { action: 'headers.hand-out', outcome: 'allowed', code: null, durationMs: 1 } as const;
  metrics.decided({ ...decision, caller: percentEncode(canary) as CallerName });
  planted.push(hanging, failing, metrics);
}
/** Kept from being collected. */
const planted: object[] = [];
const percentEncode = (text: string) => Array.from(text, (letter) => `%${letter.charCodeAt(0).toString(16)}`).join('');

let connections = 0;
const storage = createServer(() => void (connections += 1)).listen(0, '127.0.0.1');
await once(storage, 'listening');
const on = await startBrokerOnStack();
await fill(on, `http://127.0.0.1:${(storage.address() as AddressInfo).port}/account`);
const before = await look();
plant(on);
await new Promise((resolve) => setImmediate(resolve));
const after = await look();
process.send?.({ before, after });
process.exit();
