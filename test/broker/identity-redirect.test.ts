import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startBrokerOnStack, type BrokerOnStack } from '../support/broker-on-stack.ts';

// A file of its own: MSAL remembers the identity's token for all brokers of a process.
let on: BrokerOnStack;
beforeAll(async () => {
  on = await startBrokerOnStack();
});
afterAll(() => on.close());

test('the managed identity’s endpoint sends on to another path: nothing is sent after it', async () => {
  const headers = { Location: `${on.stack.settings['IDENTITY_ENDPOINT']}/elsewhere` };
  await on.steer('/faults', 'POST', { target: 'identity', status: 307, headers });
  await on.steer('/requests', 'DELETE');
  const { status } = await on.headers('core', { token: await on.token('billing') });
  expect(status).toBeGreaterThanOrEqual(502);
  expect((await on.counts()).filter(({ path }) => path.includes('elsewhere'))).toEqual([]);
});
