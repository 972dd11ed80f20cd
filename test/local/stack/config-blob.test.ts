import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { audience, brokerIdentity, callers, tenants, type Principal } from '../../../local/sample.ts';
import { createStack, type Stack } from '../../../local/stack/stack.ts';
import { trust } from '../stand-ins/trust.ts';

const resource = 'https://storage.azure.com';
let stack: Stack;
let distrust = (): void => {};

beforeAll(async () => {
  stack = await createStack({ ports: { control: 0, gateways: [0, 0] }, storage: false, configBlob: true });
  distrust = trust(readFileSync(stack.ready().ca, 'utf8'));
}, 120_000);
afterAll(async () => {
  distrust();
  await stack.close();
});

const mint = ({ clientId, objectId }: Principal, spec: { audience?: string; key?: 'attacker' } = {}) =>
  stack.entra.mint({
    subject: { name: 'somebody', tenantId: tenants.broker, clientId, objectId, secrets: [], roles: {} },
    audience: resource,
    version: 1,
    ...spec,
  });

const call = async (token: string, init: { method?: string; headers?: Record<string, string>; body?: string } = {}) => {
  const headers = { 'x-ms-version': '2020-12-06', ...(token && { Authorization: `Bearer ${token}` }), ...init.headers };
  const response = await fetch(stack.configBlob?.url ?? '', { ...init, headers });
  return { status: response.status, code: response.headers.get('x-ms-error-code'), text: await response.text() };
};

describe('the blob with the configuration', () => {
  test('is where the broker is told that it is, and has what the file has', async () => {
    expect(stack.settings['BROKER_CONFIG']).toBe(stack.configBlob?.url);
    expect(await call(await mint(brokerIdentity))).toMatchObject({
      status: 200,
      text: readFileSync(stack.configFile, 'utf8'),
    });
  });

  test('is written by who deploys, and not by the broker', async () => {
    const write = { method: 'PUT', headers: { 'x-ms-blob-type': 'BlockBlob' }, body: '{}' };
    expect(await call(await mint(brokerIdentity), write)).toMatchObject({
      status: 403,
      code: 'AuthorizationPermissionMismatch',
      text: expect.stringMatching(/^<\?xml .*<Code>AuthorizationPermissionMismatch<\/Code>/),
    });
    const { platform } = callers;
    if (!platform) throw new TypeError('There is no platform.');
    expect((await call(await mint(platform), write)).status).toBe(201);
    expect((await call(await mint(brokerIdentity))).text).toBe('{}');
  });

  test.each([
    ['a forged token', () => mint(brokerIdentity, { key: 'attacker' }), 403],
    ['a token for another service', () => mint(brokerIdentity, { audience }), 403],
    ['no token', async () => '', 401],
  ])('refuses %s', async (_what, token, status) => {
    expect((await call(await token())).status).toBe(status);
  });
});
