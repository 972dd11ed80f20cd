import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { choosePort } from '../../local/stack/ports.ts';
import type { Fault } from '../../local/stand-ins/faults.ts';
import { createGatewayProbe } from '../../shared/azure/gateway-probe.ts';
import type { KeyProbe, ProbeVerdict } from '../../shared/rotation/ports.ts';
import { Secret } from '../../shared/secret.ts';
import { keysOf } from '../local/api-management/service.ts';
import { startApiManagement, type ApiManagementOnSockets } from '../support/api-management.ts';
import { eventually } from '../support/broker-on-stack.ts';
import { createMemoryProbe } from '../support/memory-authority.ts';

type Subject = { probe: KeyProbe; keys: Record<'accepted' | 'forbidden' | 'refused', string> };

const signal = new AbortController().signal;
let api: ApiManagementOnSockets;
beforeAll(async () => {
  api = await startApiManagement();
});
afterEach(() => api.forget());
afterAll(() => api.close());

function inMemory(): Subject {
  const gateway = new Map<string, ProbeVerdict>([
    ['key-one', 'accepted'],
    ['key-two', 'forbidden'],
  ]);
  return {
    probe: createMemoryProbe([gateway, gateway]),
    keys: { accepted: 'key-one', forbidden: 'key-two', refused: 'key-three' },
  };
}

const probeAt = (path: string, gateways = api.gateways) =>
  createGatewayProbe(api.clock, { url: `https://anywhere.example${path}`, gateways, upstreamTimeoutMs: 3_000 });

function atGateways(): Subject {
  return {
    probe: probeAt('/core/ping'),
    keys: {
      accepted: keysOf(api.service, 's-core').primary,
      // Of another product.
      forbidden: keysOf(api.service, 's-payments').primary,
      refused: 'key-of-nobody',
    },
  };
}

describe.each([
  ['in memory', inMemory],
  ['at gateways', atGateways],
])('a probe %s', (_name, create) => {
  test.each(['accepted', 'forbidden', 'refused'] as const)('says of each gateway that a key is %s', async (verdict) => {
    const { probe, keys } = create();
    expect(probe.gateways).toBe(2);
    expect(await probe.try(new Secret(keys[verdict]), signal)).toEqual([verdict, verdict]);
  });

  test('says nothing to whoever has given up', async () => {
    const { probe, keys } = create();
    expect(await probe.try(new Secret(keys.accepted), AbortSignal.abort())).toEqual(['unknown', 'unknown']);
  });
});

describe('a probe at gateways', () => {
  const core = () => new Secret(keysOf(api.service, 's-core').primary);
  const tryCore = () => probeAt('/core/ping').try(core(), signal);
  const everywhere = (fault: Omit<Fault, 'target'>) => api.faults.add({ target: 'gateway', ...fault });

  test('asks each for the same path, with the key in its header and nothing that could pass for a token', async () => {
    await tryCore();
    expect(api.received.map(({ instance, method, url }) => [instance, method, url.pathname, url.search])).toEqual(
      expect.arrayContaining([
        [0, 'GET', '/core/ping', ''],
        [1, 'GET', '/core/ping', ''],
      ]),
    );
    for (const { url, headers } of api.received) {
      expect(headers['ocp-apim-subscription-key']).toBe(core().open());
      expect(api.gateways).toContain(url.origin);
      expect(Object.keys(headers).filter((name) => /authorization|cookie/.test(name))).toEqual([]);
    }
  });

  test('keeps to the gateway’s own host, whatever the path looks like', async () => {
    await probeAt('//elsewhere.example/core/ping').try(core(), signal);
    expect(api.received.map(({ url }) => url.origin).toSorted()).toEqual([...api.gateways].toSorted());
  });

  test('takes a missing bearer token for a key that was accepted', async () => {
    const key = new Secret(keysOf(api.service, 's-payments').secondary);
    expect(await probeAt('/payments/ping').try(key, signal)).toEqual(['accepted', 'accepted']);
    expect(api.counts.list()).toMatchObject([{ status: 401, count: 2 }]);
  });

  test('tells the gateway apart that has not heard of a new key yet', async () => {
    api.service.steerGateway({ instance: 1, propagation: '10m' });
    api.service.steerManagement('s-core', { regenerate: 'primary' });
    expect(await tryCore()).toEqual(['accepted', 'refused']);
    await api.clock.advance(600_000);
    expect(await tryCore()).toEqual(['accepted', 'accepted']);
    api.service.steerGateway({ instance: 1, propagation: '0s' });
  });

  test('says that a suspended subscription is forbidden', async () => {
    api.service.steerGateway({ subscription: 's-core', state: 'suspended' });
    expect(await tryCore()).toEqual(['forbidden', 'forbidden']);
    api.service.steerGateway({ subscription: 's-core', state: 'active' });
  });

  test.each<[string, ProbeVerdict, Omit<Fault, 'target'>]>([
    ['a key that it does not know', 'refused', { status: 401, body: 'ACCESS DENIED DUE TO INVALID SUBSCRIPTION KEY.' }],
    ['a key that somebody took out', 'refused', { status: 401, body: { message: 'missing subscription key' } }],
    ['both at once', 'refused', { status: 401, body: 'Invalid subscription key. Access token is missing or invalid.' }],
    ['a token', 'accepted', { status: 401, body: 'Unauthorized. access token is missing or invalid' }],
    ['something else that is unauthorized', 'unknown', { status: 401, body: 'Unauthorized' }],
    ['nothing, unauthorized', 'unknown', { status: 401 }],
    ['too much, unauthorized', 'unknown', { status: 401, body: 'x'.repeat(1_048_577) }],
    ['an HTML page that forbids', 'forbidden', { status: 403, body: '<html>' }],
    ['a quota', 'accepted', { status: 429, headers: { 'Retry-After': '1' } }],
    ['a request that the API cannot read', 'accepted', { status: 400 }],
    ['a method that the API does not know', 'accepted', { status: 405 }],
    ['success without a body', 'accepted', { status: 204 }],
    ['a path that it does not know', 'unknown', { status: 404 }],
    ['a request that came too slowly', 'unknown', { status: 408 }],
    ['a failure', 'unknown', { status: 500 }],
    ['a gateway behind a proxy that is down', 'unknown', { status: 502 }],
    ['no gateway at all', 'unknown', { status: 503 }],
    ['a gateway that is too slow', 'unknown', { status: 504 }],
    ['a redirect', 'unknown', { status: 302, headers: { Location: '/core/elsewhere' } }],
    ['no redirect and no answer', 'unknown', { status: 304 }],
    ['a connection that breaks', 'unknown', { reset: true }],
  ])('an answer about %s is %s', async (_name, verdict, fault) => {
    everywhere({ instance: 1, ...fault });
    expect(await tryCore()).toEqual(['accepted', verdict]);
    expect(api.requests('gateway')).toBe(2);
  });

  test('gives up on a gateway after its timeout, connection and all, and not on the others', async () => {
    everywhere({ instance: 0, after: true, delayMs: 3_600_000 });
    const trying = tryCore();
    await eventually(() => api.received.length === 2 && api.requests('gateway') === 1);
    await api.clock.advance(2_999);
    expect(api.requests('gateway')).toBe(1);
    await api.clock.advance(1);
    expect(await trying).toEqual(['unknown', 'accepted']);
    await eventually(() => api.requests('gateway') === 2);
  });

  test('ends with whoever asks', async () => {
    everywhere({ hang: true });
    const controller = new AbortController();
    const trying = probeAt('/core/ping').try(core(), controller.signal);
    await eventually(() => api.requests('gateway') === 2);
    controller.abort();
    expect(await trying).toEqual(['unknown', 'unknown']);
  });

  test('says unknown of a gateway where nobody listens, and of a key that no header can carry', async () => {
    const port = await choosePort({ port: 0, isFixed: true });
    const gateways = [api.gateways[0] ?? '', `http://127.0.0.1:${port}`];
    expect(await probeAt('/core/ping', gateways).try(core(), signal)).toEqual(['accepted', 'unknown']);
    expect(await probeAt('/core/ping').try(new Secret('two\nlines'), signal)).toEqual(['unknown', 'unknown']);
  });
});
