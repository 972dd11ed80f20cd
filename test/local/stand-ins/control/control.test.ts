import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { createServiceClock } from '../../../../local/stack/service-clock.ts';
import { createControl, serveControl } from '../../../../local/stand-ins/control/control.ts';
import { createCounts } from '../../../../local/stand-ins/counts.ts';
import type { Counts } from '../../../../local/stand-ins/counts.ts';
import type { Entra } from '../../../../local/stand-ins/entra/entra.ts';
import { createFaults } from '../../../../local/stand-ins/faults.ts';
import type { Faults } from '../../../../local/stand-ins/faults.ts';
import { systemClock } from '../../../../shared/clock.ts';
import type { StandIn } from '../../../../local/stand-ins/server.ts';
import { createVault } from '../../../../local/stand-ins/vault/vault.ts';
import { createService } from '../../api-management/service.ts';
import { brokerAudience, brokerTenant, caller, createTestEntra } from '../directory.ts';

const line = { ready: true, control: 'http://127.0.0.1:7099' };
const subject = { target: 'vault', method: 'GET', path: '/secrets/a', instance: 0 } as const;
let faults: Faults;
let counts: Counts;
let sharedEntra: Entra;
let entra: Entra;
let apiManagement: ReturnType<typeof createService>;
let server: StandIn;
beforeAll(async () => {
  sharedEntra = await createTestEntra();
});
beforeEach(() => start(sharedEntra));
afterEach(() => server.close());

const start = async (ofEntra: Entra): Promise<void> => {
  faults = createFaults();
  counts = createCounts();
  entra = ofEntra;
  apiManagement = createService();
  const verify: Entra['verify'] = (token, audience) => entra.verify(token, audience);
  const vault = createVault({ verify, authority: () => 'https://entra.example', tenantId: brokerTenant, roles: {} });
  vault.seed('known', 'CANARYvalue', { tags: { slot: 'primary' } });
  const broker = { tenantId: brokerTenant, audience: brokerAudience };
  const handle = createControl({
    faults,
    counts,
    entra,
    vault,
    apiManagement,
    clock: createServiceClock(systemClock),
    callers: [caller],
    broker,
    ready: () => line,
    settings: () => ({ KEY_VAULT_URL: 'https://vault.example' }),
  });
  server = await serveControl({ handle });
};
/** For a test that changes Entra's keys. */
const startAlone = async (): Promise<void> => {
  await server.close();
  await start(await createTestEntra());
};

type Answer = { status: number; type: string | null; headers: Headers; body: unknown };
const json = { 'content-type': 'application/json' };
const call = async (
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = json,
): Promise<Answer> => {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const answer = await fetch(server.url + path, { method, headers, ...(body !== undefined && { body: text }) });
  return {
    status: answer.status,
    type: answer.headers.get('content-type'),
    headers: answer.headers,
    body: await answer.json(),
  };
};
const refusal = (status: number, reason: string) => ({ status, body: { error: expect.stringContaining(reason) } });

describe('every path', () => {
  test.each([
    ['GET', '/nothing'],
    ['GET', '/requests/more'],
    ['DELETE', '/faults/f1/more'],
    ['GET', '/vault'],
    ['GET', '/vault/'],
    ['POST', '/gateway/x'],
    ['GET', '/__proto__'],
    ['GET', '/constructor/x'],
  ])('that does not exist is a 404 in JSON: %s %s', async (method, path) => {
    const answer = await call(method, path, method === 'POST' ? {} : undefined);
    expect(answer).toMatchObject(refusal(404, 'there is no such path'));
    expect(answer.type).toMatch(/^application\/json/);
  });

  test.each([
    ['POST', '/', 'GET'],
    ['POST', '/requests', 'GET, DELETE'],
    ['GET', '/faults', 'POST, DELETE'],
    ['GET', '/faults/f1', 'DELETE'],
    ['GET', '/token', 'POST'],
    ['PUT', '/entra', 'POST'],
    ['DELETE', '/vault/known', 'GET, POST'],
    ['GET', '/gateway', 'POST'],
    ['GET', '/management/s-core', 'POST'],
    ['PATCH', '/', 'GET'],
  ])('refuses other methods and says which it takes: %s %s', async (method, path, allow) => {
    const answer = await call(method, path);
    expect(answer).toMatchObject(refusal(405, 'does not take that method'));
    expect(answer.headers.get('allow')).toBe(allow);
  });

  test.each(['/faults', '/token', '/entra', '/vault/known', '/gateway', '/management/s-core'])(
    'that takes JSON refuses anything else: %s',
    async (path) => {
      expect(await call('POST', path, '{}', { 'content-type': 'text/plain' })).toMatchObject(
        refusal(415, 'application/json'),
      );
      expect(await call('POST', path, '{"a"')).toMatchObject(refusal(400, 'no JSON'));
      expect(await call('POST', path)).toMatchObject(refusal(400, 'no JSON'));
      expect(await call('POST', path, [])).toMatchObject(refusal(400, ''));
      expect(await call('POST', path, { whatever: 1 })).toMatchObject({ status: 400 });
    },
  );

  test('takes JSON that curl calls a form, and JSON with a charset', async () => {
    const body = { target: 'vault', status: 503 };
    expect(await call('POST', '/faults', body, { 'content-type': 'application/x-www-form-urlencoded' })).toMatchObject({
      status: 201,
    });
    expect(await call('POST', '/faults', body, { 'content-type': 'application/json; charset=utf-8' })).toMatchObject({
      status: 201,
    });
  });

  test('that is not well encoded is refused', async () => {
    expect(await call('GET', '/vault/%E0%A4%A')).toMatchObject(refusal(400, 'not well encoded'));
  });

  test('is neither counted nor subject to faults', async () => {
    for (const target of ['entra', 'vault', 'gateway'] as const) faults.add({ target, status: 500 });
    expect((await call('GET', '/')).status).toBe(200);
    expect(counts.list()).toEqual([]);
  });
});

test('the ready line is at the root', async () => {
  expect(await call('GET', '/')).toMatchObject({ status: 200, body: line });
});

test('a broker’s app settings can be had', async () => {
  expect(await call('GET', '/settings')).toMatchObject({
    status: 200,
    body: { KEY_VAULT_URL: 'https://vault.example' },
  });
});

test('requests are listed and reset', async () => {
  counts.record('vault', 'GET', '/secrets/a', 200);
  expect(await call('GET', '/requests')).toMatchObject({
    status: 200,
    body: [{ target: 'vault', method: 'GET', path: '/secrets/a', status: 200, count: 1 }],
  });
  expect(await call('DELETE', '/requests')).toMatchObject({ status: 200, body: {} });
  expect((await call('GET', '/requests')).body).toEqual([]);
});

describe('faults', () => {
  test('are added with all their fields, durations in milliseconds', async () => {
    const fault = {
      target: 'vault',
      method: 'GET',
      path: '/secrets/*',
      instance: 0,
      status: 429,
      headers: { 'Retry-After': '3' },
      body: { error: {} },
      after: true,
      times: 2,
    };
    expect(await call('POST', '/faults', { ...fault, delay: '250ms', for: '5m' })).toMatchObject({
      status: 201,
      body: { id: expect.any(String) },
    });
    expect(faults.match(subject)?.fault).toEqual({ ...fault, delayMs: 250, forMs: 300_000 });
    faults.lift();
  });

  test.each<[string, object]>([
    ['a hang', { hang: true }],
    ['a reset', { reset: true }],
    ['a delay', { delay: '1s' }],
    ['a delayed reset', { delay: '1s', reset: true }],
    ['a status with text', { status: 503, body: '<h1>' }],
  ])('can be %s', async (_, fault) => {
    expect(await call('POST', '/faults', { target: 'vault', ...fault })).toMatchObject({ status: 201 });
    expect(faults.match(subject)).toBeDefined();
  });

  test('are lifted one by one or all at once', async () => {
    const ids: string[] = [];
    for (const status of [500, 502, 503])
      ids.push(((await call('POST', '/faults', { target: 'vault', status })).body as { id: string }).id);
    expect(await call('DELETE', `/faults/${ids[0]}`)).toMatchObject({ status: 200 });
    expect(faults.match(subject)?.fault.status).toBe(502);
    expect(await call('DELETE', '/faults')).toMatchObject({ status: 200 });
    expect(faults.match(subject)).toBeUndefined();
    expect(await call('DELETE', `/faults/${ids[1]}`)).toMatchObject(refusal(404, 'no such fault'));
  });

  test.each<[string, object, string]>([
    ['no target', { status: 500 }, 'target'],
    ['an unknown target', { target: 'dns', status: 500 }, 'target: Invalid option: expected one of "entra"'],
    ['nothing that goes wrong', { target: 'vault' }, 'name what goes wrong'],
    ['two things that go wrong', { target: 'vault', status: 500, hang: true }, 'only one of status, hang and reset'],
    ['headers without a status', { target: 'vault', reset: true, headers: { a: 'b' } }, 'need a status'],
    ['a body without a status', { target: 'vault', delay: '1s', body: 'x' }, 'need a status'],
    ['a status that is none', { target: 'vault', status: 99 }, 'status'],
    ['a delay that is no duration', { target: 'vault', delay: 250 }, 'delay'],
    ['a delay without a unit', { target: 'vault', delay: '250' }, 'delay: must be a duration such as 250ms'],
    ['a time that is no duration', { target: 'vault', status: 500, for: 'ever' }, 'for: must be a duration'],
    ['no times', { target: 'vault', status: 500, times: 0 }, 'times'],
    ['an instance that is none', { target: 'gateway', status: 500, instance: -1 }, 'instance'],
    ['a hang that is not true', { target: 'vault', hang: false }, 'hang'],
    [
      'a header that would break the answer',
      { target: 'vault', status: 500, headers: { a: 'b\r\nc: d' } },
      'headers.a',
    ],
    ['a header’s name that is none', { target: 'vault', status: 500, headers: { 'a b': 'c' } }, 'headers'],
    ['a method that is none', { target: 'vault', status: 500, method: 'GET /' }, 'method'],
    ['an empty path', { target: 'vault', status: 500, path: '' }, 'path'],
    ['something unknown', { target: 'vault', status: 500, probability: 0.5 }, 'Unrecognized key: "probability"'],
  ])('are refused with %s', async (_, body, reason) => {
    expect(await call('POST', '/faults', body)).toMatchObject(refusal(400, reason));
    expect(faults.match(subject)).toBeUndefined();
  });

  test('are refused once there are too many', async () => {
    for (let count = 0; count < 1_000; count += 1) faults.add({ target: 'vault', status: 500 });
    expect(await call('POST', '/faults', { target: 'vault', status: 500 })).toMatchObject(refusal(400, 'lift some'));
  });
});

describe('tokens', () => {
  const ask = async (body: object): Promise<string> =>
    ((await call('POST', '/token', body)).body as { token: string }).token;

  test('are a caller’s, for the broker', async () => {
    const token = await ask({ caller: 'billing' });
    expect(await entra.verify(token, brokerAudience)).toMatchObject({
      ok: true,
      claims: { azp: caller.clientId, oid: caller.objectId, roles: ['Headers.Read'] },
    });
  });

  test('are nobody’s without a caller', async () => {
    const token = await ask({});
    expect(await entra.verify(token, brokerAudience)).toMatchObject({ ok: true });
    expect(decodeJwt(token)).not.toHaveProperty('oid');
  });

  test('say what they are told to, and not what is null', async () => {
    const token = await ask({
      caller: 'billing',
      claims: { aud: 'api://other', roles: null },
      header: { kid: 'unknown' },
    });
    expect(decodeJwt(token)).toMatchObject({ aud: 'api://other', azp: caller.clientId });
    expect(decodeJwt(token)).not.toHaveProperty('roles');
    expect(decodeProtectedHeader(token).kid).toBe('unknown');
  });

  test('are signed with the key that is named', async () => {
    await startAlone();
    expect(await ask({ caller: 'billing', key: 'none' })).toMatch(/\.$/);
    expect(await call('POST', '/token', { caller: 'billing', key: 'previous' })).toMatchObject(
      refusal(400, 'key: there is no previous key'),
    );
    await call('POST', '/entra', { rollKeys: true });
    const previous = await ask({ caller: 'billing', key: 'previous' });
    const current = await ask({ caller: 'billing', key: 'current' });
    expect(decodeProtectedHeader(previous).kid).not.toBe(decodeProtectedHeader(current).kid);
  });

  test.each<[string, object, string]>([
    ['a caller that does not exist', { caller: 'nobody' }, 'there are billing'],
    ['a caller that is a member of every object', { caller: 'constructor' }, 'there are billing'],
    ['an unknown key', { caller: 'billing', key: 'future' }, 'key: Invalid option'],
    ['claims that are none', { caller: 'billing', claims: 'aud' }, 'claims'],
    ['something unknown', { caller: 'billing', audience: 'x' }, 'audience'],
  ])('are refused for %s', async (_, body, reason) => {
    expect(await call('POST', '/token', body)).toMatchObject(refusal(400, reason));
  });
});

test('Entra is steered, and says why not', async () => {
  await startAlone();
  const before = (await call('POST', '/token', { caller: 'billing' })).body as { token: string };
  expect(await call('POST', '/entra', { rollKeys: true, dropKeys: true })).toMatchObject({ status: 200, body: {} });
  expect(await entra.verify(before.token, brokerAudience)).toMatchObject({ ok: false });
  expect(await call('POST', '/entra', {})).toMatchObject(refusal(400, 'name at least one of'));
});

test('the vault is steered and shown, without values', async () => {
  const steered = await call('POST', '/vault/known', { value: 'CANARYsecond', tags: { slot: 'secondary' } });
  expect(steered).toMatchObject({
    status: 200,
    body: { name: 'known', versions: [{ tags: { slot: 'secondary' } }, { tags: { slot: 'primary' } }] },
  });
  const shown = await call('GET', '/vault/known');
  expect(shown).toMatchObject({ status: 200, body: steered.body });
  expect(JSON.stringify(shown.body)).not.toContain('CANARY');
  expect(await call('POST', '/vault/known', { lag: 'long' })).toMatchObject(refusal(400, 'lag: must be a duration'));
  expect(await call('GET', '/vault/unknown')).toMatchObject(refusal(404, 'there is no such secret'));
});

test('the gateways are steered, and say why not', async () => {
  expect(await call('POST', '/gateway', { subscription: 's-core', state: 'suspended' })).toMatchObject({
    status: 200,
    body: {},
  });
  expect(await call('POST', '/gateway', { subscription: 'unknown', state: 'suspended' })).toMatchObject(
    refusal(400, 's-core'),
  );
});

test('a subscription is steered behind everybody’s back', async () => {
  const before = apiManagement.keys('s-core');
  expect(await call('POST', '/management/s-core', { regenerate: 'primary' })).toMatchObject({ status: 200, body: {} });
  expect(apiManagement.keys('s-core')?.primary).not.toBe(before?.primary);
  expect(apiManagement.keys('s-core')?.secondary).toBe(before?.secondary);
  expect(await call('POST', '/management/unknown', { regenerate: 'primary' })).toMatchObject({ status: 400 });
});

test('the services’ clock is steered, and says why not', async () => {
  expect(await call('POST', '/clock', { behind: '10m' })).toMatchObject({ status: 200, body: {} });
  expect(await call('POST', '/clock', {})).toMatchObject(refusal(400, 'name one of ahead and behind'));
  expect(await call('POST', '/clock', { ahead: '1m', behind: '1m' })).toMatchObject(refusal(400, 'name one of'));
  expect(await call('POST', '/clock', { ahead: '-1m' })).toMatchObject(refusal(400, 'ahead: must be a duration'));
});
