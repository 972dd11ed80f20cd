import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createAuditRecords } from '../../shared/azure/audit-records.ts';
import { createIdentity } from '../../shared/azure/identity.ts';
import { auditAnswer } from '../../shared/http/contract/audit.ts';
import type { Config } from '../../shared/config/config.ts';
import { startBrokerOnStack, type BrokerOnStack, type Reply } from '../support/broker-on-stack.ts';

let on: BrokerOnStack;
beforeAll(async () => {
  on = await startBrokerOnStack({ storage: true });
});
beforeEach(() => on.steer('/faults', 'DELETE'));
afterAll(() => on.close());

const withTable = (onFailure: 'deny' | 'log') => (config: Config) => ({
  ...config,
  broker: { ...config.broker, audit: { sink: 'table' as const, onFailure } },
});

/** A new worker that has all that it hands out, so that what fails from here on is the trail. */
async function start(onFailure: 'deny' | 'log'): Promise<string> {
  on.restart(withTable(onFailure));
  const token = await on.token('billing');
  expect((await on.headers('payments', { token })).status).toBe(200);
  on.lines.length = 0;
  // Records of one millisecond have no order.
  await on.clock.advance(1);
  return token;
}

const fault = (fields: object) => on.steer('/faults', 'POST', { target: 'storage', ...fields });
const waysToFail = [
  ['answers 503', { status: 503 }],
  ['throttles', { status: 429, headers: { 'Retry-After': '9' } }],
  ['refuses the broker', { status: 403 }],
  ['answers an HTML page', { status: 200, headers: { 'Content-Type': 'text/html' }, body: '<html>sign in</html>' }],
  ['resets the connection', { reset: true }],
  ['never answers', { hang: true }],
] as const;

/** Records that could not be written, as they are counted. */
const failures = async () => (await on.metrics()).get('token_broker.audit.failures')?.[0]?.value ?? 0;

/** What is answered to a request, when the time that anything may take has gone by. */
async function answerTo(asking: Promise<Reply>): Promise<Reply> {
  const progress = { isAnswered: false };
  const answered = asking.finally(() => (progress.isAnswered = true));
  // The socket's own time is not the clock's.
  while (!progress.isAnswered) {
    await new Promise((resolve) => setImmediate(resolve));
    await on.clock.advance(50);
  }
  return answered;
}

const identity = () =>
  createIdentity(on.clock, { clientId: undefined, upstreamTimeoutMs: () => 3_000, onFailure: () => {} });
const kept = (limit = 1_000) => {
  const url = on.stack.ready().storage ?? '';
  const store = createAuditRecords({ clock: on.clock, credential: identity() }, { url });
  const untilMs = on.clock.wall();
  const query = { trail: 'billing', sinceMs: untilMs - 86_400_000, untilMs, limit };
  return store.read(query, new AbortController().signal);
};

describe('An audit record is accepted before a credential leaves; if it cannot be, the answer is 503 (guarantee 4)', () => {
  test('the record of a hand-out is in the table when its caller has the answer, and not on the log too', async () => {
    const token = await start('deny');
    const { status, headers } = await on.headers('payments', { token });
    expect(status).toBe(200);
    expect(await kept(1)).toEqual([
      expect.objectContaining({
        requestId: headers['X-Request-Id'],
        action: 'headers.hand-out',
        outcome: 'allowed',
        code: null,
        reason: null,
        status: 200,
        caller: 'billing',
        api: 'payments',
        access: '.default',
        key: expect.stringMatching(/^[\w-]{12}$/),
        token: expect.stringMatching(/^[\w-]{12}$/),
      }),
    ]);
    expect(on.lines).toEqual([]);
  });

  test('a refusal is on record, too', async () => {
    const token = await start('deny');
    const { status, headers } = await on.headers('loyalty', { token });
    expect(status).toBe(403);
    const refusal = { requestId: headers['X-Request-Id'], outcome: 'refused', reason: 'api-not-allowed', status: 403 };
    expect(await kept(1)).toEqual([expect.objectContaining(refusal)]);
  });

  test('nothing leaves while the table has not answered', async () => {
    const token = await start('deny');
    await fault({ delay: '1s', times: 1 });
    let isAnswered = false;
    const asking = on.headers('payments', { token }).finally(() => (isAnswered = true));
    while ((await on.counts()).length === 0) await on.clock.advance(0);
    await on.clock.advance(999);
    expect(isAnswered).toBe(false);
    await on.clock.advance(1);
    expect((await asking).status).toBe(200);
  });

  test.each(waysToFail)('storage that %s: 503, and no credential', async (_how, fields) => {
    const token = await start('deny');
    const known = (await kept()).length;
    await fault(fields);
    const reply = await answerTo(on.headers('payments', { token }));
    expect(reply.status).toBe(503);
    expect(reply.json).toMatchObject({ code: 'upstream-unavailable' });
    expect(Number(reply.headers['Retry-After'])).toBeGreaterThanOrEqual(1);
    expect(reply.text).not.toMatch(/CANARY|Bearer|Ocp-Apim/);
    expect(on.lines).toContainEqual(expect.objectContaining({ event: 'audit-unwritten', caller: 'billing' }));
    expect(JSON.stringify(on.lines)).not.toMatch(/CANARY|"event":"audit"/);
    await on.steer('/faults', 'DELETE');
    expect(await kept()).toHaveLength(known);
  });

  test.each(waysToFail)(
    'storage that %s, by a trail that is lenient: 200, a warning, and the record on the log',
    async (_how, fields) => {
      const token = await start('log');
      const failuresBefore = await failures();
      await fault(fields);
      const reply = await answerTo(on.headers('payments', { token }));
      expect(reply.status).toBe(200);
      const requestId = reply.headers['X-Request-Id'];
      expect(on.lines).toEqual([
        expect.objectContaining({ event: 'audit-unwritten', requestId }),
        expect.objectContaining({ event: 'audit', requestId, outcome: 'allowed', caller: 'billing' }),
      ]);
      expect(JSON.stringify(on.lines)).not.toContain('CANARY');
      expect((await failures()) - failuresBefore).toBe(1);
    },
  );

  test('while storage is known to be down, the answer is 503 at once; when it is back, 200', async () => {
    const token = await start('deny');
    await fault({ hang: true });
    await answerTo(on.headers('payments', { token }));
    await on.steer('/requests', 'DELETE');
    const replies = await Promise.all(Array.from({ length: 50 }, () => on.headers('payments', { token })));
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([503]));
    expect((await on.counts()).filter(({ target }) => target === 'storage')).toEqual([]);
    await on.steer('/faults', 'DELETE');
    await on.clock.advance(5_000);
    expect((await on.headers('payments', { token })).status).toBe(200);
  });

  test('an answer of storage’s that is lost is asked for again: 200, and one record', async () => {
    const token = await start('deny');
    await fault({ path: '*/$batch', reset: true, after: true, times: 1 });
    const { status, headers } = await on.headers('payments', { token });
    expect(status).toBe(200);
    const ids = (await kept()).map(({ requestId }) => requestId);
    expect(ids.filter((id) => id === headers['X-Request-Id'])).toHaveLength(1);
  });

  test('what fifty callers’ requests cause at once is a few transactions, and fifty records', async () => {
    const token = await start('deny');
    await on.steer('/requests', 'DELETE');
    const replies = await Promise.all(Array.from({ length: 50 }, () => on.headers('payments', { token })));
    const ids = new Set((await kept()).map(({ requestId }) => requestId));
    expect(replies.filter(({ headers }) => !ids.has(headers['X-Request-Id']))).toEqual([]);
    const batches = (await on.counts()).filter(({ path }) => path.endsWith('/$batch'));
    expect(batches.reduce((sum, { count }) => sum + count, 0)).toBeLessThan(10);
  });
});

describe('GET /v1/audit', () => {
  const read = async (query: string, operator = 'auditor') =>
    on.ask('audit', `v1/audit?${query}`, { token: await on.token(operator) });

  test('gives an operator who may read what a caller was given, newest first, as the contract says', async () => {
    const token = await start('deny');
    const given = await on.headers('payments', { token });
    await on.clock.advance(1);
    const refused = await on.headers('loyalty', { token });
    await on.clock.advance(1);
    const { status, json } = await read('caller=billing&since=1h&limit=2');
    expect(status).toBe(200);
    expect(() => auditAnswer.parse(json)).not.toThrow();
    expect(json).toMatchObject({
      records: [
        { requestId: refused.headers['X-Request-Id'], outcome: 'refused', reason: 'api-not-allowed', status: 403 },
        { requestId: given.headers['X-Request-Id'], outcome: 'allowed', api: 'payments', status: 200 },
      ],
      complete: false,
    });
  });

  test('is itself on record, in the operators’ trail', async () => {
    await start('deny');
    const { headers } = await read('caller=billing');
    await on.clock.advance(1);
    const [newest] = (await read('caller=_operators&limit=1')).json.records;
    expect(newest).toMatchObject({ requestId: headers['X-Request-Id'], action: 'audit.read', trail: 'billing' });
  });

  test('shows who was refused without being known', async () => {
    await start('deny');
    const { headers } = await on.headers('payments', {});
    const [newest] = (await read('caller=_unknown&limit=1')).json.records;
    expect(newest).toMatchObject({ requestId: headers['X-Request-Id'], outcome: 'refused', reason: 'token-missing' });
  });

  test('is refused to a caller', async () => {
    await start('deny');
    expect((await read('caller=billing', 'billing')).status).toBe(403);
  });

  test('says where the trail is, if it is in the log', async () => {
    on.restart();
    const { status, json } = await read('caller=billing');
    expect(status).toBe(404);
    expect(json).toMatchObject({ code: 'not-found', detail: expect.stringMatching(/structured log/) });
  });

  test('is 503 and no more, while storage is down', async () => {
    await start('log');
    await fault({ status: 503, body: 'CANARYfromstorage' });
    const reply = await answerTo(read('caller=billing'));
    expect(reply.status).toBe(503);
    expect(reply.text).not.toContain('CANARY');
  });
});
