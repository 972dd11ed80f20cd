import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { eventually, startBrokerOnStack, type BrokerOnStack } from '../support/broker-on-stack.ts';

/** What reached the stand-ins, which are in this process: by target, the `traceparent` of each request, or that it had none. */
const received: { origin: string; traceparent: string }[] = [];
const note = (message: unknown) => {
  const { request } = message as { request: IncomingMessage };
  received.push({
    origin: request.headers.host ?? '',
    traceparent: request.headers['traceparent']?.toString() ?? 'none',
  });
};
const channel = 'http.server.request.start';

let on: BrokerOnStack;
beforeAll(async () => {
  on = await startBrokerOnStack({ storage: true });
  subscribe(channel, note);
});
afterAll(async () => {
  unsubscribe(channel, note);
  await on.close();
});
afterEach(() => {
  received.length = 0;
});

const targets = ['entra', 'vault', 'management', 'storage'] as const;
const tracesAt = (target: (typeof targets)[number]) => {
  const { host } = new URL(on.stack.ready()[target] ?? '');
  return Array.from(new Set(received.flatMap(({ origin, traceparent }) => (origin === host ? [traceparent] : []))));
};
const traceParentOf = (number: number) => `00-${String(number).padStart(32, '0')}-00f067aa0ba902b7-01`;

// First: storage has a clock of its own, and takes no request from far ahead.
test('a tick has its trace at the vault, the authority, the gateways and storage', async () => {
  on.restart((config) => ({
    ...config,
    subscriptions: config.subscriptions.map((subscription) => ({
      ...subscription,
      rotation: subscription.rotation && { ...subscription.rotation, everyMs: 60_000 },
    })),
  }));
  const gateways = new Set(on.stack.ready().gateways.map((url) => new URL(url).host));
  const probes = () => received.filter(({ origin }) => gateways.has(origin));
  for (let at = 0; at < 30 && probes().length === 0; at += 1) {
    await on.clock.advance(60_000);
    await on.tick(traceParentOf(6));
  }
  expect(tracesAt('vault')).toEqual([traceParentOf(6)]);
  expect(tracesAt('management')).toEqual([traceParentOf(6)]);
  expect(tracesAt('storage')).toEqual([traceParentOf(6)]);
  expect(new Set(probes().map(({ traceparent }) => traceparent))).toEqual(new Set([traceParentOf(6)]));
});

test('what a request has to wait for is asked for in its trace: keys, tokens, secrets and signing keys', async () => {
  on.restart();
  const token = await on.token('billing');
  received.length = 0;
  const { status } = await on.headers('payments', { token, traceParent: traceParentOf(1) });
  expect(status).toBe(200);
  expect(tracesAt('entra')).toEqual([traceParentOf(1)]);
  expect(tracesAt('vault')).toEqual([traceParentOf(1)]);
});

test('requests that wait for the same load find it in the trace of the first', async () => {
  on.restart();
  const token = await on.token('billing');
  received.length = 0;
  await Promise.all([2, 3].map((each) => on.headers('core', { token, traceParent: traceParentOf(each) })));
  expect(tracesAt('vault')).toEqual([traceParentOf(2)]);
});

test('what a request sets off and does not wait for begins a trace of its own', async () => {
  const token = await on.token('billing', { claims: { exp: Math.floor(on.clock.wall() / 1_000) + 7_200 } });
  await on.headers('payments', { token, traceParent: traceParentOf(4) });
  // Half of the access token's life.
  await on.clock.advance(1_900_000);
  received.length = 0;
  expect((await on.headers('payments', { token, traceParent: traceParentOf(5) })).status).toBe(200);
  await eventually(() => tracesAt('entra').length > 0);
  expect(tracesAt('entra')).toEqual(['none']);
});

test('a malformed trace of a caller reaches nobody', async () => {
  on.restart();
  const token = await on.token('billing');
  received.length = 0;
  const hostile = `${traceParentOf(7)},${traceParentOf(8)}`;
  expect((await on.headers('payments', { token, traceParent: hostile })).status).toBe(200);
  expect(tracesAt('entra')).toEqual(['none']);
  expect(tracesAt('vault')).toEqual(['none']);
});
