import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { startBrokerOnStack, type BrokerOnStack } from '../support/broker-on-stack.ts';

const [second, minute] = [1_000, 60_000];
let on: BrokerOnStack;
beforeAll(async () => {
  on = await startBrokerOnStack();
});
afterAll(() => on.close());
beforeEach(() => on.steer('/faults', 'DELETE'));

const ask = async (api: string) => on.headers(api, { token: await on.token('billing') });
const readsOf = async (secret: string) => {
  const counts = await on.counts();
  return counts
    .filter(({ target, path }) => target === 'vault' && path.includes(`/secrets/${secret}`))
    .reduce((sum, { count }) => sum + count, 0);
};

test('where a vault throttles, the instance leaves it alone as a whole, and says for how long', async () => {
  on.restart();
  await on.steer('/faults', 'POST', { target: 'vault', path: '**/okq8-core**', status: 429 });
  expect((await ask('core')).status).toBe(503);
  const before = await readsOf('okq8-payments');
  const refused = await ask('payments');
  expect([refused.status, refused.headers['Retry-After']]).toEqual([503, '1']);
  expect(await readsOf('okq8-payments')).toBe(before);
  await on.clock.advance(second);
  expect((await ask('payments')).status).toBe(200);
});

test('where many instances share a vault, a promised key is not read again every five minutes', async () => {
  const safeUntil = new Date(on.clock.wall() + 360 * minute).toISOString();
  await on.steer('/vault/okq8-core', 'POST', { tags: { generation: '1', slot: 'primary', safeUntil } });
  on.restart((config) => ({ ...config, broker: { ...config.broker, maximumInstances: 10_000_000 } }));
  expect((await ask('core')).status).toBe(200);
  const before = await readsOf('okq8-core');
  for (let quarter = 0; quarter < 8; quarter += 1) {
    await on.clock.advance(15 * minute);
    expect((await ask('core')).status).toBe(200);
  }
  expect(await readsOf('okq8-core')).toBe(before);
});
