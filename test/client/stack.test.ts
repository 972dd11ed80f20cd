import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createBrokerClient, type BrokerClient } from '../../client/main.ts';
import { startBrokerOnStack, type BrokerOnStack } from '../support/broker-on-stack.ts';
import { serveBroker } from '../support/serve-broker.ts';

describe('a client of the whole broker', () => {
  let on: BrokerOnStack;
  let broker: Awaited<ReturnType<typeof serveBroker>>;
  let client: BrokerClient;

  const clientOf = (caller: string) =>
    createBrokerClient({
      brokerUrl: broker.url,
      credential: { getToken: async () => ({ token: await on.token(caller) }) },
      clock: on.clock,
    });
  const brokerCounts = (event: string) => on.lines.filter((line) => line['action'] === event).length;

  beforeAll(async () => {
    on = await startBrokerOnStack();
    broker = await serveBroker(on);
  });
  beforeEach(() => {
    on.restart();
    client = clientOf('billing');
    on.lines.length = 0;
  });
  afterAll(async () => {
    await broker.close();
    await on.close();
  });

  test.each(['core', 'payments'])('calls %s', async (api) => {
    const response = await client.fetch(api, '/ping');
    expect([response.status, await response.json()]).toMatchObject([200, { api }]);
  });

  test('calls on with the key that Key Vault holds by now', async () => {
    await client.fetch('core', '/ping');
    const { primary = '', secondary = '' } = on.stack.apiManagement.keys('okq8-core') ?? {};
    await on.steer('/vault/okq8-core', 'POST', { value: secondary });
    await on.steer('/management/okq8-core', 'POST', { regenerate: 'primary' });
    await on.clock.advance(60_000);
    expect((await client.fetch('core', '/ping')).status).toBe(200);
    await on.steer('/management/okq8-core', 'POST', { restore: true });
    await on.steer('/vault/okq8-core', 'POST', { value: primary });
    await on.clock.advance(60_000);
  });

  test('is told what the broker says, by code', async () => {
    await expect(clientOf('reporting').headers('payments')).rejects.toMatchObject({ code: 'forbidden', status: 403 });
    await expect(clientOf('stranger').headers('core')).rejects.toMatchObject({
      code: 'forbidden',
      requestId: expect.stringMatching(/^[\da-f-]{36}$/),
    });
    await expect(client.headers('core', { access: 'none' })).rejects.toMatchObject({ code: 'invalid-request' });
  });

  test('gets a path’s answer from below the base URL alone', async () => {
    await expect(client.fetch('core', '/%2e%2e/payments/ping')).rejects.toMatchObject({ code: 'path-refused' });
  });

  // The last: the broker's own token for Key Vault is revoked as well.
  test('calls on while the token is revoked, and reports that once', async () => {
    await client.fetch('payments', '/ping');
    await on.steer('/entra', 'POST', { revokeTokens: true });
    const calls = await Promise.all(Array.from({ length: 20 }, () => client.fetch('payments', '/ping')));
    expect(calls.map(({ status }) => status)).toEqual(calls.map(() => 200));
    expect(brokerCounts('headers.reject')).toBe(1);
  });
});
