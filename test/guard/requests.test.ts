import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { InvocationContext } from '@azure/functions';
import type { SubscriptionConfig } from '../../shared/config/config.ts';
import { startBrokerOnStack, type BrokerOnStack } from '../support/broker-on-stack.ts';
import { costOf, untilAtRest } from './cost.ts';
import { costs, type Cost } from './limits.ts';

const minute = 60_000;
let on: BrokerOnStack;
let billing: string;
let stranger: string;
let first: Cost;

beforeAll(async () => {
  on = await startBrokerOnStack();
  [billing, stranger] = await Promise.all([on.token('billing'), on.token('stranger')]);
  // Here, because the managed identity's token outlives a worker in its process: there is one first.
  first = await costOf(on, handOut(1));
});
beforeEach(() => void on.restart());
afterEach(() => on.steer('/faults', 'DELETE'));
afterAll(() => on.close());

const handOut = (times: number) => async () => {
  const replies = Array.from({ length: times }, () => on.headers('payments', { token: billing }));
  expect(new Set((await Promise.all(replies)).map(({ status }) => status))).toEqual(new Set([200]));
};
const refuse = (status: number, token?: string) => async () =>
  expect(await on.headers('payments', { token })).toMatchObject({ status });
const askReady = async () => expect(await on.ask('readyz', 'readyz')).toMatchObject({ status: 200 });
const withoutRotation = (subscription: SubscriptionConfig) => ({ ...subscription, rotation: undefined });

test('the first hand-out of a process costs what it may', () => {
  expect(first).toEqual(costs['the first hand-out of a process']);
});

test('100 cold hand-outs at once cost what they may', async () => {
  expect(await costOf(on, handOut(100))).toEqual(costs['100 cold hand-outs at once']);
});

test('warm hand-outs cost what they may, one or 100 at once', async () => {
  await handOut(1)();
  expect(await costOf(on, handOut(1))).toEqual(costs['a warm hand-out']);
  expect(await costOf(on, handOut(100))).toEqual(costs['100 warm hand-outs at once']);
});

test('a caller without a right to the API costs what it may, cold and warm', async () => {
  expect(await costOf(on, refuse(403, stranger))).toEqual(costs['a caller without a right, cold']);
  expect(await costOf(on, refuse(403, stranger))).toEqual(costs['a caller without a right, warm']);
});

test('a caller without a token costs what it may', async () => {
  expect(await costOf(on, refuse(401))).toEqual(costs['a caller without a token, cold']);
});

test('a refresh costs what it may, and none of 100 callers waits for it', async () => {
  // As a promised key is read again ahead of need, so is one that nobody rotates. The token has half of its life behind it.
  on.restart((config) => ({ ...config, subscriptions: config.subscriptions.map(withoutRotation) }));
  await handOut(1)();
  await on.clock.advance(31 * minute);
  const cost = await costOf(on, async () => {
    for (const target of ['entra', 'vault']) await on.steer('/faults', 'POST', { target, hang: true });
    await handOut(100)();
    await on.steer('/faults', 'DELETE');
    await untilAtRest(on);
  });
  expect(cost).toEqual(costs['100 hand-outs at once, with a refresh due']);
});

test('a warm-up costs what it may', async () => {
  expect(await costOf(on, () => on.broker.warmUp(contextOfWarmUp()))).toEqual(costs['a warm-up']);
});

test('readiness costs what it may, cold and warm', async () => {
  const cold = await costOf(on, async () => {
    await askReady();
    // It answers once something can be served, and the rest comes after.
    await untilAtRest(on);
  });
  expect(cold).toEqual(costs['readiness, cold']);
  expect(await costOf(on, askReady)).toEqual(costs['readiness, warm']);
});

function contextOfWarmUp(): InvocationContext {
  return new InvocationContext({
    invocationId: '00000000-0000-4000-8000-000000000000',
    functionName: 'warmup',
    logHandler: (_level, line) => void on.lines.push(JSON.parse(String(line))),
  });
}
