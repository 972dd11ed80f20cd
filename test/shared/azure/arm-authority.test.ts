import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { TokenCredential } from '@azure/identity';
import { choosePort } from '../../../local/stack/ports.ts';
import type { Fault } from '../../../local/stand-ins/faults.ts';
import { createArmAuthority } from '../../../shared/azure/arm-authority.ts';
import { BrokerError } from '../../../shared/errors.ts';
import { keysOf, managementToken, reporterToken, serviceId } from '../../local/api-management/service.ts';
import { startApiManagement, type ApiManagementOnSockets } from '../../support/api-management.ts';
import { eventually } from '../../support/broker-on-stack.ts';

/** No worker was frozen. */
const inTime = () => true;

const signal = new AbortController().signal;
const limitMs = 3_000;
let api: ApiManagementOnSockets;
let asked: unknown[] = [];
beforeAll(async () => {
  api = await startApiManagement();
});
afterEach(() => {
  api.forget();
  asked = [];
});
afterAll(() => api.close());

const credentialOf = (getToken: () => Promise<string>): TokenCredential => ({
  getToken: async (scopes) => {
    asked.push(scopes);
    return { token: await getToken(), expiresOnTimestamp: api.clock.wall() + 3_600_000 };
  },
});

type Change = { resourceManagerUrl?: string; resourceId?: string; audience?: string; getToken?: () => Promise<string> };

function create({ resourceId = `${serviceId}/subscriptions/s-core`, getToken, ...options }: Change = {}) {
  const credential = credentialOf(getToken ?? (async () => managementToken));
  return createArmAuthority(api.clock, credential, {
    resourceManagerUrl: api.management,
    resourceId,
    upstreamTimeoutMs: limitMs,
    ...options,
  });
}

/** What the answer is lost by; the request is counted when its connection is closed. */
const lost = { after: true, delayMs: 3_600_000 };
const fail = (fault: Omit<Fault, 'target'>) => api.faults.add({ target: 'management', ...fault });

describe('Azure Resource Manager', () => {
  test.each([
    ['listSecrets', async () => void (await create().list(signal))],
    ['regeneratePrimaryKey', async () => void (await create().regenerate('primary', signal, inTime))],
    ['regenerateSecondaryKey', async () => void (await create().regenerate('secondary', signal, inTime))],
  ])('is asked to %s once, with the API version, a bearer token and no body', async (action, call) => {
    await call();
    const [request, ...others] = api.received;
    expect(others).toEqual([]);
    expect(request).toMatchObject({
      method: 'POST',
      headers: { authorization: `Bearer ${managementToken}`, 'content-length': '0' },
    });
    expect(request?.headers).not.toHaveProperty('content-type');
    expect(request?.body).toHaveLength(0);
    expect(`${request?.url.pathname}${request?.url.search}`).toBe(
      `${serviceId}/subscriptions/s-core/${action}?api-version=2024-05-01`,
    );
  });

  test('is asked for the keys of a subscription in a workspace at the workspace’s path', async () => {
    const resourceId = `${serviceId}/workspaces/team/subscriptions/s-team`;
    const { secondary } = await create({ resourceId }).list(signal);
    expect(secondary.open()).toBe(keysOf(api.service, 's-team').secondary);
    expect(await create({ resourceId }).regenerate('secondary', signal, inTime)).toEqual({ kind: 'done' });
    expect(keysOf(api.service, 's-team').secondary).not.toBe(secondary.open());
    await expect(
      create({ resourceId: `${serviceId}/workspaces/other/subscriptions/s-team` }).list(signal),
    ).rejects.toMatchObject({ reason: 'authority-refused' });
  });

  test('is given a token for its own origin, or for the audience that it is told', async () => {
    await create().list(signal);
    await create({ audience: 'https://management.azure.com' }).list(signal);
    expect(asked).toEqual([`${api.management}/.default`, 'https://management.azure.com/.default']);
  });

  test('is asked at the path of the resource, whatever stands in it', async () => {
    await create({ resourceId: '/subscriptions/a?b/c#d/e%2ff' })
      .list(signal)
      .catch(() => {});
    expect(api.received[0]?.url.pathname).toBe('/subscriptions/a%3Fb/c%23d/e%252ff/listSecrets');
  });
});

describe('a description', () => {
  test('tells the state and the product, asked once, without a key in it', async () => {
    expect(await create().describe(signal)).toEqual({ state: 'active', product: 'core' });
    expect(api.received.map(({ method, url }) => `${method} ${url.pathname}${url.search}`)).toEqual([
      `GET ${serviceId}/subscriptions/s-core?api-version=2024-05-01`,
    ]);
  });

  test.each<[string, object | string, unknown]>([
    ['a state of another case', { properties: { state: 'Suspended' } }, { state: 'suspended', product: undefined }],
    [
      'a scope that is no product',
      { properties: { state: 'active', scope: '/apis/a' } },
      { state: 'active', product: undefined },
    ],
    ['no state', { properties: {} }, 'authority-unavailable'],
    ['a state that is no word', { properties: { state: 'a\nb' } }, 'authority-unavailable'],
    ['no properties', {}, 'authority-unavailable'],
    ['a page of a proxy', '<html>', 'authority-unavailable'],
  ])('that has %s', async (_name, body, expected) => {
    fail({ status: 200, body });
    const described = create().describe(signal);
    const told = described.catch((error: unknown) => (error instanceof BrokerError ? error.reason : error));
    expect(await told).toEqual(expected);
  });

  test('that is refused says with which status', async () => {
    fail({ status: 403 });
    await expect(create().describe(signal)).rejects.toMatchObject({ reason: 'authority-refused', upstream: 403 });
  });
});

describe('a list', () => {
  test.each([
    [400, 'authority-refused'],
    [401, 'authority-refused'],
    [403, 'authority-refused'],
    [404, 'authority-refused'],
    [408, 'authority-unavailable'],
    [409, 'authority-unavailable'],
    [429, 'authority-unavailable'],
    [500, 'authority-unavailable'],
    [503, 'authority-unavailable'],
  ])('that is answered %i is %s, and is not asked for again', async (status, reason) => {
    fail({ status, headers: { 'Retry-After': '9' } });
    await expect(create().list(signal)).rejects.toMatchObject({ reason, retryAfterMs: 9_000, upstream: status });
    expect(api.requests('management')).toBe(1);
  });

  test.each<[string, string, Omit<Fault, 'target'>]>([
    ['no key', 'authority-refused', { body: {} }],
    ['one key', 'authority-refused', { body: { primaryKey: 'one' } }],
    ['an empty key', 'authority-refused', { body: { primaryKey: 'one', secondaryKey: '' } }],
    ['a key that is none', 'authority-refused', { body: { primaryKey: 1, secondaryKey: 'two' } }],
    ['a key that no header can carry', 'authority-refused', { body: { primaryKey: 'one\n', secondaryKey: 'two' } }],
    ['a key with a blank', 'authority-refused', { body: { primaryKey: 'one', secondaryKey: 't wo' } }],
    ['one key twice', 'authority-refused', { body: { primaryKey: 'one', secondaryKey: 'one' } }],
    ['a list', 'authority-unavailable', { body: '["one","two"]' }],
    ['a page of a proxy', 'authority-unavailable', { body: '<html>' }],
    ['nothing', 'authority-unavailable', { body: '' }],
    ['more than it should be', 'authority-unavailable', { body: 'x'.repeat(1_048_577) }],
    ['a redirect', 'authority-unavailable', { status: 307, headers: { Location: '/elsewhere' } }],
    ['a connection that breaks', 'authority-unavailable', { reset: true }],
  ])('that is answered with %s is %s', async (_name, reason, fault) => {
    fail({ status: 200, ...fault });
    await expect(create().list(signal)).rejects.toMatchObject({ name: 'BrokerError', reason });
    expect(api.requests('management')).toBe(1);
  });

  test('is given up after its timeout, connection and all', async () => {
    fail(lost);
    const listing = expect(create().list(signal)).rejects.toMatchObject({ reason: 'authority-unavailable' });
    await eventually(() => api.received.length === 1);
    await api.clock.advance(limitMs);
    await listing;
    await eventually(() => api.requests('management') === 1);
  });

  test('is given up when whoever asks gives up, connection and all', async () => {
    fail(lost);
    const controller = new AbortController();
    const listing = create().list(controller.signal);
    await eventually(() => api.received.length === 1);
    controller.abort();
    await expect(listing).rejects.toMatchObject({ reason: 'authority-unavailable' });
    await eventually(() => api.requests('management') === 1);
    expect(api.clock.pending()).toBe(1);
  });

  test('does not wait for a token longer than whoever asks does', async () => {
    const controller = new AbortController();
    const authority = create({ getToken: () => new Promise(() => {}) });
    const results = Promise.allSettled([
      authority.list(controller.signal),
      authority.regenerate('primary', controller.signal, inTime),
    ]);
    controller.abort();
    expect(await results).toMatchObject([{ reason: { code: 'upstream-unavailable' } }, { value: { kind: 'refused' } }]);
  });

  test('without a token says why there is none', async () => {
    const getToken = () => Promise.reject(new BrokerError('identity-unavailable'));
    await expect(create({ getToken }).list(signal)).rejects.toMatchObject({ reason: 'identity-unavailable' });
    expect(api.requests('management')).toBe(0);
  });

  test('of somebody without the role is refused', async () => {
    const getToken = async () => reporterToken;
    await expect(create({ getToken }).list(signal)).rejects.toMatchObject({ reason: 'authority-refused' });
  });
});

describe('a regenerate', () => {
  test.each([
    [200, 'done'],
    [202, 'done'],
    [204, 'done'],
    [400, 'refused'],
    [401, 'refused'],
    [403, 'refused'],
    [404, 'refused'],
    [405, 'ambiguous'],
    [408, 'ambiguous'],
    [409, 'refused'],
    [412, 'ambiguous'],
    [422, 'refused'],
    [429, 'refused'],
    [500, 'ambiguous'],
    [502, 'ambiguous'],
    [503, 'ambiguous'],
    [504, 'ambiguous'],
  ])('that is answered %i is %s, and is not sent again', async (status, kind) => {
    fail({ status, body: '{"error":{}}' });
    expect(await create().regenerate('primary', signal, inTime)).toMatchObject({ kind });
    expect(api.requests('management')).toBe(1);
  });

  test.each([
    ['in seconds', () => '11'],
    ['as a date', () => new Date(api.clock.wall() + 11_000).toUTCString()],
  ])('that is refused says how long to wait, %s', async (_name, value) => {
    fail({ status: 429, headers: { 'Retry-After': value() } });
    expect(await create().regenerate('primary', signal, inTime)).toEqual({ kind: 'refused', retryAfterMs: 11_000 });
  });

  test.each<[string, Omit<Fault, 'target'>]>([
    ['a connection that breaks', { reset: true }],
    ['a connection that breaks after the work is done', { reset: true, after: true }],
    ['an error after the work is done', { status: 500, after: true }],
    ['a redirect', { status: 307, headers: { Location: '/elsewhere' } }],
  ])('that ends with %s may have happened, and is not sent again', async (_name, fault) => {
    const before = keysOf(api.service, 's-core');
    fail(fault);
    expect(await create().regenerate('secondary', signal, inTime)).toEqual({ kind: 'ambiguous' });
    expect(api.requests('management')).toBe(1);
    expect(keysOf(api.service, 's-core').secondary !== before.secondary).toBe(fault.after === true);
  });

  test('that is given up while nothing answers may have happened', async () => {
    fail(lost);
    const controller = new AbortController();
    const regenerating = create().regenerate('primary', controller.signal, inTime);
    await eventually(() => api.received.length === 1);
    controller.abort();
    expect(await regenerating).toEqual({ kind: 'ambiguous' });
    await eventually(() => api.requests('management') === 1);
  });

  test('that reaches nobody may have happened', async () => {
    const port = await choosePort({ port: 0, isFixed: true });
    const nobody = create({ resourceManagerUrl: `https://127.0.0.1:${port}` });
    await expect(nobody.list(signal)).rejects.toMatchObject({ reason: 'authority-unavailable' });
    expect(await nobody.regenerate('primary', signal, inTime)).toEqual({ kind: 'ambiguous' });
  });

  test.each<[string, () => Promise<string>, number | undefined]>([
    ['unavailable', () => Promise.reject(new BrokerError('identity-unavailable', { retryAfterMs: 4_000 })), 4_000],
    ['refused', () => Promise.reject(new BrokerError('identity-refused')), undefined],
    ['broken', () => Promise.reject(new TypeError('x')), undefined],
  ])('is not sent while the identity is %s', async (_name, getToken, retryAfterMs) => {
    expect(await create({ getToken }).regenerate('primary', signal, inTime)).toEqual({ kind: 'refused', retryAfterMs });
    expect(api.requests('management')).toBe(0);
  });

  test('is not sent when it was given up while the token was waited for', async () => {
    const controller = new AbortController();
    const getToken = async () => {
      controller.abort();
      return managementToken;
    };
    const outcome = await create({ getToken }).regenerate('primary', controller.signal, inTime);
    expect(outcome).toEqual({ kind: 'refused', retryAfterMs: undefined });
    expect(api.requests('management')).toBe(0);
  });

  test('is not sent by a worker that was frozen while it prepared the request', async () => {
    const startedAt = api.clock.monotonic();
    const mayStillSend = () => api.clock.monotonic() - startedAt <= limitMs;
    const getToken = async () => {
      await api.clock.advance(limitMs + 1);
      return managementToken;
    };
    expect(await create({ getToken }).regenerate('primary', signal, mayStillSend)).toEqual({
      kind: 'refused',
      retryAfterMs: undefined,
    });
    expect(api.requests('management')).toBe(0);
  });
});
