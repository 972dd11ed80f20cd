import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startBrokerOnStack, type BrokerOnStack } from '../support/broker-on-stack.ts';
import { costOf } from './cost.ts';
import { costs } from './limits.ts';

let on: BrokerOnStack;
beforeAll(async () => {
  on = await startBrokerOnStack({ storage: true });
  // Adopts what is there, and then promises it.
  await on.tick();
  await on.tick();
}, 120_000);
afterAll(() => on.close());

test('a tick with nothing due costs what it may, as does one soon after', async () => {
  expect(await costOf(on, () => on.tick())).toEqual(costs['a tick with nothing due']);
  expect(await costOf(on, () => on.tick())).toEqual(costs['a tick soon after one with nothing due']);
});
