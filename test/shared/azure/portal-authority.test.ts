import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Fault } from '../../../local/stand-ins/faults.ts';
import { createPortal } from '../../../shared/azure/portal-authority.ts';
import { BrokerError } from '../../../shared/errors.ts';
import { Secret } from '../../../shared/secret.ts';
import { keysOf, user } from '../../local/api-management/service.ts';
import { startApiManagement, type ApiManagementOnSockets } from '../../support/api-management.ts';
import { eventually } from '../../support/broker-on-stack.ts';

/** No worker was frozen. */
const inTime = () => true;

const signal = new AbortController().signal;
const version = 'api-version=2022-04-01-preview';
const limitMs = 3_000;
let api: ApiManagementOnSockets;
let failures: unknown[] = [];
beforeAll(async () => {
  api = await startApiManagement();
});
afterEach(() => {
  api.forget();
  failures = [];
});
afterAll(() => api.close());

const create = (change: { url?: string; password?: () => Promise<Secret> } = {}) =>
  createPortal(api.clock, {
    url: change.url ?? api.portal,
    credentials: { email: user.email, password: change.password ?? (async () => new Secret(user.password)) },
    upstreamTimeoutMs: limitMs,
    onFailure: (error) => failures.push(error),
  });
const fail = (fault: Omit<Fault, 'target'>) => api.faults.add({ target: 'portal', ...fault });
const paths = () => api.received.map(({ method, url }) => `${method} ${url.pathname}${url.search}`);
const signIns = () => api.received.filter(({ url }) => url.pathname === '/identity').length;
const authorizations = () => api.received.map(({ headers }) => headers.authorization ?? '');

const signIn = `GET /identity?${version}`;
const firstPage = `GET /users/${user.id}/subscriptions?${version}`;
const secondPage = `${firstPage}&%24skip=2`;

describe('a developer portal', () => {
  test('is signed in to with the password, once, and then asked with the session', async () => {
    const authority = create().authorityOf('s-core');
    await authority.list(signal);
    await authority.list(signal);
    expect(paths()).toEqual([signIn, firstPage, firstPage]);
    const [basic, ...sessions] = authorizations();
    expect(basic).toBe(`Basic ${Buffer.from(`${user.email}:${user.password}`).toString('base64')}`);
    expect(sessions.every((text) => /^SharedAccessSignature token="[^"]+",refresh="true"$/.test(text))).toBe(true);
  });

  test('is read page by page, as far as the subscription', async () => {
    const { primary } = await create().authorityOf('s-team').list(signal);
    expect(primary.open()).toBe(keysOf(api.service, 's-team').primary);
    expect(paths()).toEqual([signIn, firstPage, secondPage]);
  });

  test('that does not have the subscription on any page is a refusal', async () => {
    await expect(create().authorityOf('s-other').list(signal)).rejects.toMatchObject({ reason: 'authority-refused' });
    expect(paths()).toEqual([signIn, firstPage, secondPage]);
  });

  test('is asked to regenerate once, without a body', async () => {
    const before = keysOf(api.service, 's-core');
    expect(await create().authorityOf('s-core').regenerate('secondary', signal, inTime)).toEqual({ kind: 'done' });
    const post = `POST /users/${user.id}/subscriptions/s-core/regenerateSecondaryKey?${version}`;
    expect(paths()).toEqual([signIn, post]);
    expect(api.received[1]).toMatchObject({ headers: { 'content-length': '0' }, body: Buffer.alloc(0) });
    const after = keysOf(api.service, 's-core');
    expect([after.primary === before.primary, after.secondary === before.secondary]).toEqual([true, false]);
  });

  test('is asked below its own path, for a user and a subscription with any name', async () => {
    api.rewrite(() => ({ status: 200, headers: sasHeader(3_600_000), body: { id: 'a/b' } }));
    const portal = create({ url: `${api.portal}/developer` });
    expect(await portal.authorityOf('c?d').regenerate('primary', signal, inTime)).toEqual({ kind: 'done' });
    expect(paths()).toEqual([
      `GET /developer/identity?${version}`,
      `POST /developer/users/a%2Fb/subscriptions/c%3Fd/regeneratePrimaryKey?${version}`,
    ]);
  });
});

describe('a session', () => {
  test('is one for all who ask at once, also for other subscriptions', async () => {
    const portal = create();
    await Promise.all(['s-core', 's-team', 's-core'].map((id) => portal.authorityOf(id).list(signal)));
    expect(signIns()).toBe(1);
  });

  test('is renewed when less than five minutes are left until the moment that it names', async () => {
    const authority = create().authorityOf('s-core');
    await authority.list(signal);
    const [, first] = authorizations();
    const endsAt = endOf(first);
    await api.clock.advance(endsAt - 300_000 - api.clock.wall());
    await authority.list(signal);
    await eventually(() => signIns() === 2);
    await api.clock.advance(1);
    await authority.list(signal);
    expect(endOf(authorizations().at(-1))).toBeGreaterThan(endsAt);
  });

  test('that is about to end makes nobody use it while a new one can be had', async () => {
    const authority = create().authorityOf('s-core');
    await authority.list(signal);
    const endsAt = endOf(authorizations()[1]);
    await api.clock.advance(endsAt - 299_999 - api.clock.wall());
    await authority.list(signal);
    expect(paths()).toEqual([signIn, firstPage, signIn, firstPage]);
    expect(endOf(authorizations()[3])).toBeGreaterThan(endsAt);
  });

  test('that is about to end is used while no new one can be had', async () => {
    const authority = create().authorityOf('s-core');
    await authority.list(signal);
    await api.clock.advance(endOf(authorizations()[1]) - 60_000 - api.clock.wall());
    fail({ path: '/identity', status: 503 });
    expect((await authority.list(signal)).primary.open()).toBe(keysOf(api.service, 's-core').primary);
    expect(failures).toMatchObject([{ reason: 'authority-unavailable' }]);
  });

  test('that has ended is not used', async () => {
    const authority = create().authorityOf('s-core');
    await authority.list(signal);
    await api.clock.advance(endOf(authorizations()[1]) - api.clock.wall());
    await authority.list(signal);
    expect(paths()).toEqual([signIn, firstPage, signIn, firstPage]);
  });

  test('that the portal does not take any more is replaced, and the list is asked for once more', async () => {
    const authority = create().authorityOf('s-core');
    await authority.list(signal);
    fail({ path: '/users/*', status: 401, times: 1 });
    expect((await authority.list(signal)).primary.open()).toBe(keysOf(api.service, 's-core').primary);
    expect(signIns()).toBe(2);
    await authority.list(signal);
    expect(signIns()).toBe(2);
  });

  test('that is not taken either is a refusal', async () => {
    fail({ path: '/users/*', status: 401 });
    await expect(create().authorityOf('s-core').list(signal)).rejects.toMatchObject({ reason: 'authority-refused' });
    expect(signIns()).toBe(2);
    expect(api.requests('portal')).toBe(4);
  });

  test('that a regenerate is refused with is replaced by the next call, and the regenerate is not sent again', async () => {
    const authority = create().authorityOf('s-core');
    await authority.list(signal);
    fail({ method: 'POST', status: 401, times: 1 });
    expect(await authority.regenerate('primary', signal, inTime)).toEqual({ kind: 'refused', retryAfterMs: undefined });
    expect([signIns(), api.requests('portal')]).toEqual([1, 3]);
    expect(await authority.regenerate('primary', signal, inTime)).toEqual({ kind: 'done' });
    expect([signIns(), api.requests('portal')]).toEqual([2, 5]);
  });

  test('that two had dropped is replaced once', async () => {
    const portal = create();
    const authorities = [portal.authorityOf('s-core'), portal.authorityOf('s-payments')];
    await Promise.all(authorities.map((authority) => authority.list(signal)));
    fail({ path: '/users/*', status: 401, times: 2 });
    await Promise.all(authorities.map((authority) => authority.list(signal)));
    expect(signIns()).toBe(2);
  });
});

describe('signing in', () => {
  test('with a wrong password is refused, and not tried again at once', async () => {
    const authority = create({ password: async () => new Secret('wrong') }).authorityOf('s-core');
    const refused = { name: 'BrokerError', reason: 'authority-refused' };
    await expect(authority.list(signal)).rejects.toMatchObject(refused);
    await expect(authority.list(signal)).rejects.toMatchObject(refused);
    expect(await authority.regenerate('primary', signal, inTime)).toMatchObject({ kind: 'refused' });
    expect(api.requests('portal')).toBe(1);
    expect(failures).toMatchObject([refused]);
  });

  test('reads the password each time, so that a new one is taken up', async () => {
    let password = 'wrong';
    const authority = create({ password: async () => new Secret(password) }).authorityOf('s-core');
    await expect(authority.list(signal)).rejects.toMatchObject({ reason: 'authority-refused' });
    password = user.password;
    await api.clock.advance(1_000);
    expect((await authority.list(signal)).primary.open()).toBe(keysOf(api.service, 's-core').primary);
  });

  test('without a password says why there is none, and sends nothing', async () => {
    const password = () => Promise.reject(new BrokerError('vault-forbidden'));
    const authority = create({ password }).authorityOf('s-core');
    await expect(authority.list(signal)).rejects.toMatchObject({ reason: 'vault-forbidden' });
    expect(await authority.regenerate('primary', signal, inTime)).toMatchObject({ kind: 'refused' });
    expect(api.requests('portal')).toBe(0);
  });

  test.each<[string, string, Omit<Fault, 'target'>]>([
    ['no session', 'authority-refused', { body: { id: 'x' } }],
    [
      'a session without an end',
      'authority-refused',
      { body: { id: 'x' }, headers: sas('token="x&sig",refresh="true"') },
    ],
    ['an end that is none', 'authority-refused', { body: { id: 'x' }, headers: sas('token="x&202613450000&sig"') }],
    ['a session that has ended', 'authority-unavailable', { body: { id: 'x' }, headers: sas('x&202001010000&sig') }],
    ['no user', 'authority-refused', { body: {}, headers: sas('x&209901010000&sig') }],
    ['an empty user', 'authority-refused', { body: { id: '' }, headers: sas('x&209901010000&sig') }],
    ['a page of a proxy', 'authority-unavailable', { body: '<html>', headers: sas('x&209901010000&sig') }],
  ])('that is answered with %s is %s', async (_name, reason, fault) => {
    fail({ status: 200, ...fault });
    await expect(create().authorityOf('s-core').list(signal)).rejects.toMatchObject({ name: 'BrokerError', reason });
    expect(api.requests('portal')).toBe(1);
  });

  test('takes a session that is written without what surrounds it', async () => {
    fail({ path: '/identity', status: 200, body: { id: 'x' }, headers: sas('x&209901010000&sig==') });
    await create().authorityOf('s-core').regenerate('primary', signal, inTime);
    expect(authorizations()).toEqual(['SharedAccessSignature token="x&209901010000&sig==",refresh="true"']);
  });

  test('ends with its timeout, and for each who waits with his own signal', async () => {
    fail({ hang: true });
    const authority = create().authorityOf('s-core');
    const controller = new AbortController();
    const [impatient, patient] = [authority.list(controller.signal), authority.list(signal)];
    const results = Promise.allSettled([impatient, patient]);
    await eventually(() => api.requests('portal') === 1);
    controller.abort();
    await expect(impatient).rejects.toMatchObject({ name: 'BrokerError', code: 'upstream-unavailable' });
    await api.clock.advance(limitMs);
    expect(await results).toMatchObject([{ status: 'rejected' }, { reason: { reason: 'authority-unavailable' } }]);
  });
});

describe('a list', () => {
  const page = (change: object) => ({ value: [{ id: 's-core', state: 'active', primaryKey: 'one', ...change }] });

  test('of a subscription that is suspended says so', async () => {
    fail({ path: '/users/*', status: 200, body: page({ secondaryKey: 'two', state: 'Suspended' }) });
    await expect(create().authorityOf('s-core').list(signal)).rejects.toMatchObject({
      reason: 'authority-refused',
      upstream: 'suspended',
    });
  });

  test.each<[string, string, Omit<Fault, 'target'>]>([
    ['one key', 'authority-refused', { body: page({}) }],
    ['an empty key', 'authority-refused', { body: page({ secondaryKey: '' }) }],
    ['a key that no header can carry', 'authority-refused', { body: page({ secondaryKey: 'two\r' }) }],
    [
      'a subscription that is suspended',
      'authority-refused',
      { body: page({ secondaryKey: 'two', state: 'Suspended' }) },
    ],
    ['a subscription without a state', 'authority-refused', { body: page({ secondaryKey: 'two', state: null }) }],
    ['no page', 'authority-refused', { body: { value: {} } }],
    ['a page of a proxy', 'authority-unavailable', { body: '<html>' }],
    ['404', 'authority-refused', { status: 404 }],
    ['429', 'authority-unavailable', { status: 429 }],
    ['500', 'authority-unavailable', { status: 500 }],
    ['a connection that breaks', 'authority-unavailable', { reset: true }],
  ])('that is answered with %s is %s, and is not asked for again', async (_name, reason, fault) => {
    fail({ path: '/users/*', status: 200, ...fault });
    await expect(create().authorityOf('s-core').list(signal)).rejects.toMatchObject({ name: 'BrokerError', reason });
    expect(api.requests('portal')).toBe(2);
  });

  test('takes a state with a capital letter, and entries that are none', async () => {
    const value = [null, 'x', { id: 's-core', state: 'Active', primaryKey: 'one', secondaryKey: 'two' }];
    fail({ path: '/users/*', status: 200, body: { value } });
    expect((await create().authorityOf('s-core').list(signal)).secondary.open()).toBe('two');
  });

  test.each([
    ['another host', () => api.portal.replace('127.0.0.1', 'localhost')],
    ['another port', () => api.management],
    ['another scheme', () => api.portal.replace('https', 'http')],
    ['no address', () => 'https://'],
  ])('does not follow a next page to %s', async (_name, origin) => {
    const nextLink = `${origin()}/users/${user.id}/subscriptions`;
    fail({ path: '/users/*', status: 200, body: { value: [], nextLink } });
    await expect(create().authorityOf('s-team').list(signal)).rejects.toMatchObject({ reason: 'authority-refused' });
    expect(api.received).toHaveLength(1);
    expect([api.requests('portal'), api.requests('management')]).toEqual([2, 0]);
  });

  test('follows a next page that is written as a path, and adds the version that it lacks', async () => {
    const nextLink = `/users/${user.id}/subscriptions?$skip=2`;
    fail({ path: '/users/*', status: 200, body: { value: [], nextLink }, times: 1 });
    await create().authorityOf('s-team').list(signal);
    expect(paths()).toEqual([signIn, `GET /users/${user.id}/subscriptions?%24skip=2&${version}`]);
  });

  test('ends where no page is the last', async () => {
    const nextLink = `${api.portal}/users/${user.id}/subscriptions`;
    fail({ path: '/users/*', status: 200, body: { value: [], nextLink } });
    await expect(create().authorityOf('s-team').list(signal)).rejects.toMatchObject({ reason: 'authority-refused' });
    expect(api.requests('portal')).toBe(101);
  });
});

describe('a regenerate', () => {
  test.each([
    [200, 'done'],
    [201, 'done'],
    [204, 'done'],
    [403, 'refused'],
    [404, 'refused'],
    [409, 'refused'],
    [422, 'refused'],
    [429, 'refused'],
    [408, 'ambiguous'],
    [500, 'ambiguous'],
    [503, 'ambiguous'],
  ])('that is answered %i is %s, and is not sent again', async (status, kind) => {
    fail({ method: 'POST', status });
    expect(await create().authorityOf('s-core').regenerate('primary', signal, inTime)).toMatchObject({ kind });
    expect(api.requests('portal')).toBe(2);
  });

  test('that is lost may have happened, and is not sent again', async () => {
    fail({ method: 'POST', reset: true, after: true });
    expect(await create().authorityOf('s-core').regenerate('primary', signal, inTime)).toEqual({ kind: 'ambiguous' });
    expect(api.requests('portal')).toBe(2);
  });
});

function sas(token: string): Record<string, string> {
  return { 'Ocp-Apim-Sas-Token': token };
}

/** What the portal sends with a session that ends so many milliseconds from now, to the minute. */
function sasHeader(lifeMs: number): Record<string, string> {
  const end = new Date(api.clock.wall() + lifeMs).toISOString().replace(/\D/g, '').slice(0, 12);
  return sas(`token="somebody&${end}&c2lnbmF0dXJl+/==",refresh="true"`);
}

/** The moment that a session names: wall clock, milliseconds. */
function endOf(authorization: string | undefined): number {
  const [, year, month, day, hour, minute] = /&(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)&/.exec(authorization ?? '') ?? [];
  return Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute));
}
