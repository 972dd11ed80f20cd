import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Config } from '../../shared/config/config.ts';
import type { Guid } from '../../shared/names.ts';
import { startBrokerOnStack, type BrokerOnStack } from '../support/broker-on-stack.ts';

let on: BrokerOnStack;
beforeAll(async () => {
  on = await startBrokerOnStack();
});
afterAll(() => on.close());
beforeEach(async () => {
  await on.steer('/faults', 'DELETE');
  on.lines.length = 0;
});

const nobody = '11111111-2222-4333-8444-555555555555' as Guid;
const withClient = (change: object) => (config: Config) => ({
  ...config,
  clients: config.clients.map((client) => ({ ...client, ...change })),
});

/** Asks for `payments` with nothing cached, and tells what the caller and the audit record say. */
async function ask(api = 'payments') {
  const reply = await on.headers(api, { token: await on.token('billing') });
  const audit = on.lines.findLast(({ event }) => event === 'audit');
  return {
    status: reply.status,
    code: reply.json.code,
    reason: audit?.['reason'],
    detail: reply.json.detail as string,
  };
}

describe('Entra refuses', () => {
  test.each([
    ['an app that the tenant does not know', { clientId: nobody }, 'entra-client-unknown'],
    ['a tenant that does not exist', { tenantId: nobody }, 'entra-tenant-unknown'],
  ])('%s: 502, with the reason in the audit record', async (_name, change, reason) => {
    on.restart(withClient(change));
    expect(await ask()).toMatchObject({ status: 502, code: 'upstream-rejected', reason });
  });

  test('an access level that is not .default: 502 that says so', async () => {
    on.restart();
    expect(await ask('payments?access=get')).toMatchObject({
      status: 502,
      reason: 'entra-scope-refused',
      detail: expect.stringContaining('.default'),
    });
  });

  test('a wrong secret: 502, one fresh read of Key Vault, and then a new version heals it', async () => {
    await on.steer('/entra', 'POST', { secret: { client: 'okq8', value: 'CANARY0new' } });
    on.restart();
    await on.steer('/requests', 'DELETE');
    expect(await ask()).toMatchObject({ status: 502, reason: 'entra-secret-wrong' });
    const reads = (await on.counts()).filter(
      ({ path, status }) => path.includes('okq8-client-secret') && status === 200,
    );
    expect(reads.map(({ count }) => count)).toEqual([2]);
    await on.steer('/vault/okq8-client-secret', 'POST', { value: 'CANARY0new' });
    await on.clock.advance(1_000);
    expect(await ask()).toMatchObject({ status: 200 });
  });

  test('an expired secret: 502', async () => {
    await on.steer('/entra', 'POST', { secret: { client: 'okq8', value: 'CANARY0old', expires: '0s' } });
    await on.steer('/vault/okq8-client-secret', 'POST', { value: 'CANARY0old' });
    on.restart();
    expect(await ask()).toMatchObject({ status: 502, reason: 'entra-secret-expired' });
    await on.steer('/entra', 'POST', { secret: { client: 'okq8', value: 'CANARY0new' } });
    await on.steer('/vault/okq8-client-secret', 'POST', { value: 'CANARY0new' });
  });
});

describe('Entra answers with what is no token', () => {
  test.each([
    ['an HTML page', { body: '<html>', headers: { 'Content-Type': 'text/html' } }],
    ['nothing', { body: '' }],
    ['a list', { body: '[]' }],
    ['no token', { body: '{"token_type":"Bearer","expires_in":3599}' }],
    ['no life', { body: '{"token_type":"Bearer","access_token":"abc"}' }],
    ['a life of 1e300 s', { body: '{"token_type":"Bearer","access_token":"abc","expires_in":1e300}' }],
    ['a life of -1 s', { body: '{"token_type":"Bearer","access_token":"abc","expires_in":-1}' }],
    ['a token with a line break', { body: '{"token_type":"Bearer","access_token":"abc\\r\\nX: 1","expires_in":3599}' }],
  ])('%s: 502, and no header leaves', async (_name, answer) => {
    on.restart();
    await on.steer('/faults', 'POST', { target: 'entra', path: '**/token', status: 200, ...answer });
    expect(await ask()).toMatchObject({ status: 502, reason: 'entra-answer-malformed' });
  });

  test('a redirect: 503, and the client secret is not sent after it', async () => {
    on.restart();
    const location = `${on.stack.ready().entra}/elsewhere`;
    await on.steer('/faults', 'POST', {
      target: 'entra',
      path: '**/token',
      status: 307,
      headers: { Location: location },
    });
    await on.steer('/requests', 'DELETE');
    expect(await ask()).toMatchObject({ status: 503, reason: 'entra-unavailable' });
    expect((await on.counts()).filter(({ path }) => path.includes('elsewhere'))).toEqual([]);
  });
});

describe('Key Vault', () => {
  test.each([
    ['has the secret no longer', { delete: true }, { recover: true }, 'vault-secret-missing'],
    ['has the newest version disabled', { enabled: false }, { enabled: true }, 'vault-secret-disabled'],
    ['has a value with a newline', { value: 'CANARY0\n' }, { value: 'CANARY0' }, 'vault-secret-malformed'],
  ])('%s: 502, with the reason in the audit record, and it heals', async (_name, spoil, mend, reason) => {
    await on.steer('/vault/okq8-payments', 'POST', spoil);
    on.restart();
    expect(await ask()).toMatchObject({ status: 502, code: 'upstream-rejected', reason });
    await on.steer('/vault/okq8-payments', 'POST', mend);
    await on.clock.advance(2_000);
    expect(await ask()).toMatchObject({ status: 200 });
  });

  test('forbids the broker: 502', async () => {
    on.restart();
    await on.steer('/faults', 'POST', { target: 'vault', path: '/secrets/okq8-payments/*', status: 403 });
    await on.steer('/faults', 'POST', { target: 'vault', path: '/secrets/okq8-payments', status: 403 });
    expect(await ask()).toMatchObject({ status: 502, reason: 'vault-forbidden' });
  });

  test.each([
    [301, 'another host', 'gateways'],
    [307, 'another host', 'gateways'],
    [302, 'another path of its own', 'vault'],
    [307, 'another path of its own', 'vault'],
  ] as const)('sends on with %i to %s: 502, and the identity’s token is not sent after it', async (status, _to, to) => {
    on.restart();
    const headers = { Location: `${[on.stack.ready()[to]].flat()[0]}/elsewhere` };
    await on.steer('/faults', 'POST', { target: 'vault', path: '/secrets/**', status, headers });
    await on.steer('/requests', 'DELETE');
    expect(await ask('core')).toMatchObject({ status: 502, reason: 'vault-refused' });
    expect((await on.counts()).filter(({ path }) => path.includes('elsewhere'))).toEqual([]);
  });

  test('answers 200 with what is no secret: not a header leaves', async () => {
    on.restart();
    await on.steer('/faults', 'POST', { target: 'vault', status: 200, body: '{"value":7}' });
    expect((await ask('core')).status).toBeGreaterThanOrEqual(502);
  });
});
