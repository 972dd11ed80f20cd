import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { audience, brokerIdentity, callers, tenants } from '../../../local/sample.ts';
import type { Principal } from '../../../local/sample.ts';
import { createStack } from '../../../local/stack/stack.ts';
import type { Stack } from '../../../local/stack/stack.ts';
import { trust } from '../stand-ins/trust.ts';
import { ask, isOpen } from './ask.ts';
import type { Answer, Ask } from './ask.ts';

const resource = 'https://storage.azure.com';
let stack: Stack;
let distrust = (): void => {};

beforeAll(async () => {
  stack = await createStack({ ports: { control: 0, gateways: [0, 0] } });
  distrust = trust(readFileSync(stack.ready().ca, 'utf8'));
});

afterAll(async () => {
  distrust();
  await stack.close();
});

const mint = ({ clientId, objectId }: Principal = brokerIdentity, spec: { audience?: string; key?: 'attacker' } = {}) =>
  stack.entra.mint({
    subject: { name: 'somebody', tenantId: tenants.broker, clientId, objectId, secrets: [], roles: {} },
    audience: resource,
    version: 1,
    ...spec,
  });

async function call(path: string, { token, ...options }: Ask & { token?: string } = {}): Promise<Answer> {
  const authorization = { Authorization: `Bearer ${token ?? (await mint())}` };
  const headers = { ...authorization, 'x-ms-version': '2019-02-02', Accept: 'application/json', ...options.headers };
  return ask(`${stack.ready().storage}${path}`, { ...options, headers });
}

describe('the table storage', () => {
  test('takes a table and an entity once, and answers 409 the second time', async () => {
    const table = { json: { TableName: 'rotations' } };
    const entity = { json: { PartitionKey: 'okq8-core', RowKey: 'record', generation: 1 } };
    expect((await call('/Tables', table)).status).toBe(201);
    expect(await call('/Tables', table)).toMatchObject({
      status: 409,
      body: { 'odata.error': { code: 'TableAlreadyExists' } },
    });
    expect((await call('/rotations', entity)).status).toBe(201);
    expect((await call('/rotations', entity)).body).toMatchObject({ 'odata.error': { code: 'EntityAlreadyExists' } });
  });

  test('honours If-Match', async () => {
    await call('/Tables', { json: { TableName: 'tagged' } });
    const created = await call('/tagged', { json: { PartitionKey: 'p', RowKey: 'r', generation: 1 } });
    const put = (etag: string) =>
      call("/tagged(PartitionKey='p',RowKey='r')", {
        method: 'PUT',
        json: { generation: 2 },
        headers: { 'If-Match': etag },
      });
    const etag = created.headers.get('etag') ?? '';
    expect((await put(etag)).status).toBe(204);
    expect((await put(etag)).status).toBe(412);
  });

  test.each([
    ['a forged token', () => mint(brokerIdentity, { key: 'attacker' }), 403],
    ['a token for another service', () => mint(brokerIdentity, { audience }), 403],
    ['whoever has no role for it', () => mint(callers['billing']), 403],
    ['something that is no token', async () => 'x', 403],
    ['no token', async () => '', 401],
  ])('refuses %s', async (_, token, status) => {
    expect((await call('/Tables', { token: await token() })).status).toBe(status);
  });

  test('can be made to fail, and counts what it is asked', async () => {
    const { control } = stack.ready();
    await ask(`${control}/faults`, { json: { target: 'storage', status: 503, times: 1 } });
    expect((await call('/Tables')).status).toBe(503);
    expect((await call('/Tables')).status).toBe(200);
    const counted: unknown = await (await fetch(`${control}/requests`)).json();
    expect(counted).toContainEqual(expect.objectContaining({ target: 'storage', path: '/devstoreaccount1/Tables' }));
  });

  test('leaves no process behind when the stack is closed', async () => {
    const closing = await createStack({ ports: { control: 0, gateways: [0, 0] } });
    const { storage = '' } = closing.ready();
    expect(await isOpen(storage)).toBe(true);
    await closing.close();
    expect(await isOpen(storage)).toBe(false);
  });
});

async function expectClosed(url: string): Promise<void> {
  if (await isOpen(url)) return expectClosed(url);
}

describe('Azurite', () => {
  test('ends with whoever started it, even when that one was killed', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'azurite-'));
    const owner = fork(join(import.meta.dirname, 'azurite-owner.ts'), [directory], { execArgv: [] });
    const [port] = await once(owner, 'message');
    const socket = createConnection({ host: '127.0.0.1', port: Number(port) });
    await once(socket, 'connect');
    const closed = once(socket, 'close');
    socket.on('error', () => {});
    owner.kill('SIGKILL');
    await closed;
    // The kernel closes what a process had one after the other.
    await expectClosed(`http://127.0.0.1:${Number(port)}`);
    rmSync(directory, { recursive: true });
  });
});
