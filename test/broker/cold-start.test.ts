import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startBrokerOnStack, type BrokerOnStack, type RequestCount } from '../support/broker-on-stack.ts';

let on: BrokerOnStack;
beforeAll(async () => {
  on = await startBrokerOnStack();
});
afterAll(() => on.close());

/** Upstream requests that were answered with what was asked for, by target and path. */
const answered = (counts: RequestCount[]) =>
  Object.fromEntries(
    counts.flatMap(({ target, path, status, count }) => (status === 200 ? [[`${target} ${path}`, count]] : [])),
  );

test('500 cold requests from several callers cause one token request for each client and scope, and one read of each secret (guarantee 5)', async () => {
  const [billing, reporting, bookkeeping] = await Promise.all(
    ['billing', 'reporting', 'bookkeeping'].map((caller) => on.token(caller)),
  );
  on.restart();
  await on.steer('/requests', 'DELETE');
  const asks = [
    { token: billing, api: 'core' },
    { token: billing, api: 'payments' },
    { token: reporting, api: 'core' },
    { token: bookkeeping, api: 'payments' },
    { token: bookkeeping, api: 'invoices' },
    { token: bookkeeping, api: 'loyalty' },
  ];
  const replies = await Promise.all(
    Array.from({ length: 500 }, (_, index) => asks[index % asks.length]).map(
      async (ask) => ask && on.headers(ask.api, ask),
    ),
  );
  expect(new Set(replies.map((reply) => reply?.status))).toEqual(new Set([200]));
  const counts = answered(await on.counts());
  const tokens = Object.entries(counts).filter(([path]) => path.startsWith('entra') && path.endsWith('/token'));
  // payments and invoices at one tenant, loyalty at the other
  expect(tokens.map(([, count]) => count).toSorted((a, b) => a - b)).toEqual([1, 2]);
  const reads = Object.entries(counts).filter(([path]) => path.startsWith('vault'));
  expect(reads).toHaveLength(6);
  expect(new Set(reads.map(([, count]) => count))).toEqual(new Set([1]));
  expect(Object.entries(counts).filter(([path]) => path.endsWith('/discovery/v2.0/keys'))).toHaveLength(1);
});

test('a refused request causes no upstream request but for the tenant’s keys', async () => {
  const [stranger, reporting] = await Promise.all([on.token('stranger'), on.token('reporting')]);
  on.restart();
  await on.steer('/requests', 'DELETE');
  const replies = await Promise.all([
    on.headers('core', { token: stranger }),
    on.headers('payments', { token: reporting }),
    on.headers('nosuch', { token: reporting }),
    on.headers('core?access=get', { token: reporting }),
    on.headers('core', { token: 'a.b.c' }),
    on.headers('core'),
  ]);
  expect(replies.map(({ status }) => status)).toEqual([403, 403, 403, 400, 401, 401]);
  expect((await on.counts()).map(({ target, path }) => `${target} ${path.replace(/^\/[^/]+/, '')}`)).toEqual([
    'entra /discovery/v2.0/keys',
  ]);
});

test('after the warm-up a first request waits for nothing', async () => {
  const billing = await on.token('billing');
  const broker = on.restart();
  await broker.warmUp({ info: () => {}, warn: () => {}, error: () => {} } as never);
  await on.steer('/requests', 'DELETE');
  expect((await on.headers('payments', { token: billing })).status).toBe(200);
  expect(await on.counts()).toEqual([]);
});
