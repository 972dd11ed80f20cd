import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import * as sample from '../../../local/sample.ts';
import { PortTakenError } from '../../../local/stack/ports.ts';
import { createStack } from '../../../local/stack/stack.ts';
import type { Stack } from '../../../local/stack/stack.ts';
import type { ClientConfig, Config } from '../../../shared/config/config.ts';
import { readSettings } from '../../../shared/config/settings.ts';
import { validateConfig } from '../../../shared/config/validate.ts';
import { setEnvironment } from '../stand-ins/environment.ts';
import { trust } from '../stand-ins/trust.ts';
import { ask, isOpen } from './ask.ts';

const ports = { control: 0, gateways: [0, 0] };
let stack: Stack;
let distrust = (): void => {};

beforeAll(async () => {
  stack = await createStack({ ports, storage: false });
  distrust = trust(readFileSync(stack.ready().ca, 'utf8'));
});

afterAll(async () => {
  distrust();
  await stack.close();
});

/** A token of the broker's managed identity. */
async function identityToken(resource: string): Promise<string> {
  const { IDENTITY_ENDPOINT: endpoint = '', IDENTITY_HEADER: header = '' } = stack.settings;
  const query = new URLSearchParams({ 'api-version': '2019-08-01', resource });
  const { body } = await ask(`${endpoint}?${query.toString()}`, { headers: { 'X-IDENTITY-HEADER': header } });
  return String(body['access_token']);
}

async function readSecret(name: string): Promise<string> {
  const { body } = await ask(`${stack.settings['KEY_VAULT_URL']}/secrets/${name}?api-version=7.6`, {
    headers: { Authorization: `Bearer ${await identityToken('https://vault.azure.net')}` },
  });
  return String(body['value']);
}

/** Every client of the sample has one. */
function secretOf({ credential }: ClientConfig): string {
  return credential.kind === 'secret' ? credential.secret : '';
}

async function clientToken(client: ClientConfig, scope: string): Promise<string> {
  const { body } = await ask(`${stack.settings['AZURE_AUTHORITY_HOST']}/${client.tenantId}/oauth2/v2.0/token`, {
    form: {
      grant_type: 'client_credentials',
      client_id: client.clientId,
      client_secret: await readSecret(secretOf(client)),
      scope: `${scope}/.default`,
    },
  });
  return String(body['access_token']);
}

const config = (): Config => validateConfig(readFileSync(stack.configFile, 'utf8'), 'broker.config.json');

describe('the sample', () => {
  test('is a configuration and settings that the broker takes', () => {
    expect(config().broker).toMatchObject({ tenantId: sample.tenants.broker, audience: sample.audience });
    expect(readSettings(stack.settings)).toMatchObject({ keyVaultUrl: stack.ready().vault });
  });

  test('has what the local stack’s contract names', () => {
    const { apis, subscriptions, clients, callers } = config();
    const allowed = Object.fromEntries(callers.map((caller) => [caller.name, caller.apis]));
    expect(allowed).toMatchObject({ billing: ['core', 'payments'], reporting: ['core'] });
    expect(Object.keys(allowed)).not.toContain('stranger');
    expect(apis.find(({ name }) => name === 'core')?.oauth).toBeUndefined();
    const payments = apis.find(({ name }) => name === 'payments');
    expect(payments?.oauth).toBeDefined();
    expect(apis.filter(({ subscription }) => subscription === payments?.subscription).length).toBeGreaterThan(1);
    expect(subscriptions.length).toBeGreaterThan(1);
    expect(new Set(clients.map(({ tenantId }) => tenantId)).size).toBe(2);
    expect(clients.find(({ name }) => name === 'okq8')?.tenantId).toBe('a53d724c-15ea-4469-a987-82a5b30ec167');
  });

  test.each(Object.keys(sample.apis))(
    'lets the broker call %s on every gateway with what its config names',
    async (name) => {
      const { apis: configured, subscriptions, clients } = config();
      const api = configured.find((each) => each.name === name);
      const subscription = subscriptions.find((each) => each.name === api?.subscription);
      const client = clients.find((each) => each.name === api?.oauth?.client);
      const token = client && api?.oauth ? await clientToken(client, api.oauth.scope) : undefined;
      const headers = {
        'Ocp-Apim-Subscription-Key': await readSecret(subscription?.secret ?? ''),
        ...(token !== undefined && { Authorization: `Bearer ${token}` }),
      };
      const path = new URL(api?.baseUrl ?? '').pathname;
      const answers = await Promise.all(stack.ready().gateways.map((url) => ask(`${url}${path}/ping`, { headers })));
      expect(answers.map(({ status, body }) => [status, body['api'], body['gateway']])).toEqual([
        [200, name, 0],
        [200, name, 1],
      ]);
    },
  );

  test('lets the broker list the keys of every subscription, and has the primary ones in the vault', async () => {
    const authorization = `Bearer ${await identityToken('https://management.azure.com')}`;
    const lists = config().subscriptions.map(async ({ secret, authority }) => {
      const id = authority?.kind === 'arm' ? authority.resourceId : '';
      const url = `${stack.settings['AZURE_RESOURCE_MANAGER_URL']}${id}/listSecrets?api-version=2024-05-01`;
      const { body } = await ask(url, { method: 'POST', headers: { Authorization: authorization } });
      return body['primaryKey'] === (await readSecret(secret));
    });
    expect(await Promise.all(lists)).toEqual([true, true, true]);
  });

  test('keeps the fingerprint key in the vault', async () => {
    expect(await readSecret(config().broker.fingerprintKey)).toMatch(/^CANARY[0-9a-f]{64}$/);
  });

  test('gives everybody in it a token by the control address', async () => {
    const requests = Object.keys(sample.callers).map((caller) =>
      ask(`${stack.ready().control}/token`, { method: 'POST', json: { caller } }),
    );
    const answers = await Promise.all(requests);
    const claims = answers.map(({ body }) => decodeJwt(String(body['token'])));
    expect(claims.map(({ aud, azp, roles }) => ({ aud, azp, roles }))).toEqual(
      Object.values(sample.callers).map(({ clientId, roles }) => ({ aud: sample.audience, azp: clientId, roles })),
    );
  });
});

describe('a stack', () => {
  test('says at the control address what its ready line says', async () => {
    const { body } = await ask(`${stack.ready().control}/`);
    expect(body).toEqual({ ...stack.ready() });
    expect(body).toMatchObject({ ready: true, gateways: [expect.any(String), expect.any(String)] });
  });

  test('lets faults and counts apply to every stand-in under its own name', async () => {
    const { control, gateways } = stack.ready();
    const { vault, entra, management, portal } = stack.ready();
    const urls = {
      vault,
      entra,
      management,
      portal,
      gateway: gateways[1],
      identity: stack.settings['IDENTITY_ENDPOINT'],
    };
    const statuses = Object.entries(urls).map(async ([target, url = '']) => {
      await ask(`${control}/faults`, { method: 'POST', json: { target, status: 418, path: '*teapot' } });
      return [target, (await ask(`${new URL(url).origin}/teapot`)).status];
    });
    expect(await Promise.all(statuses)).toEqual(Object.keys(urls).map((target) => [target, 418]));
    const counted: unknown = await (await fetch(`${control}/requests`)).json();
    for (const target of Object.keys(urls))
      expect(counted).toContainEqual({ target, method: 'GET', path: '/teapot', status: 418, count: 1 });
    await ask(`${control}/faults`, { method: 'DELETE' });
  });

  test.each([
    ['ahead', 4],
    ['behind', -10],
  ])(
    'dates its answers and its tokens by a clock that can be set %s, and takes what it issued before',
    async (way, minutes) => {
      const { control, entra, vault } = stack.ready();
      const before = await identityToken('https://vault.azure.net');
      await ask(`${control}/clock`, { json: { [way]: `${Math.abs(minutes)}m` } });
      const { headers } = await ask(`${entra}/common/discovery/instance`);
      const aheadMs = Date.parse(headers.get('date') ?? '') - Date.now();
      expect(Math.round(aheadMs / 60_000)).toBe(minutes);
      const { iat = 0 } = decodeJwt(await identityToken('https://vault.azure.net'));
      // Entra dates them five minutes back.
      expect(Math.round((iat * 1_000 - Date.now()) / 60_000)).toBe(minutes - 5);
      const { status } = await ask(`${vault}/secrets?api-version=7.6`, {
        headers: { Authorization: `Bearer ${before}` },
      });
      expect(status).toBe(200);
      await ask(`${control}/clock`, { json: { ahead: '0s' } });
    },
  );

  test('that awaits a broker is ready once it is announced', async () => {
    const waiting = await createStack({ ports, storage: false, awaitsBroker: true });
    const { control } = waiting.ready();
    expect((await ask(control)).body).toEqual({ ready: false });
    waiting.announce('http://127.0.0.1:7071');
    expect((await ask(control)).body).toMatchObject({ ready: true, broker: 'http://127.0.0.1:7071', control });
    await waiting.close();
  });

  test('leaves no port open and no file behind when it is closed', async () => {
    const closing = await createStack({ ports, storage: false });
    const { control, gateways, entra, vault, management, portal } = closing.ready();
    const urls = [control, ...gateways, entra, vault, management, portal, closing.settings['IDENTITY_ENDPOINT'] ?? ''];
    expect(await Promise.all(urls.map(isOpen))).toEqual(urls.map(() => true));
    expect(existsSync(closing.configFile)).toBe(true);
    await Promise.all([closing.close(), closing.close()]);
    expect(await Promise.all(urls.map(isOpen))).toEqual(urls.map(() => false));
    expect(existsSync(closing.directory)).toBe(false);
  });

  test('that cannot have a port it was told to take says so, and leaves nothing behind', async () => {
    const port = Number(new URL(stack.ready().control).port);
    const temporary = mkdtempSync(join(tmpdir(), 'no-stack-'));
    const restore = setEnvironment({ TMPDIR: temporary });
    const failing = createStack({ ports: { control: port, gateways: [0, 0] }, storage: false });
    await expect(failing).rejects.toThrow(PortTakenError);
    restore();
    expect(readdirSync(temporary)).toEqual([]);
    rmSync(temporary, { recursive: true });
  });

  test('has as many gateways as it was given ports', async () => {
    const single = await createStack({ ports: { control: 0, gateways: [0] }, storage: false });
    expect(single.ready().gateways).toHaveLength(1);
    await single.close();
  });
});
