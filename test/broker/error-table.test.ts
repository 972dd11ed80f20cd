import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { startBrokerOnStack, type BrokerOnStack, type Reply } from '../support/broker-on-stack.ts';

let on: BrokerOnStack;
let billing: string;
beforeAll(async () => {
  on = await startBrokerOnStack();
});
afterAll(() => on.close());
beforeEach(async () => {
  on.restart();
  billing = await on.token('billing');
});
afterEach(() => on.steer('/faults', 'DELETE'));

const codeOf = ({ status, json }: Reply) => ({ status, code: json?.code });

describe('400 invalid-request', () => {
  test.each([
    ['a name that no API can have', 'Core'],
    ['a name with a path in it', 'core%2F..'],
    ['no name', ''],
    ['an unknown query parameter', 'core?tenant=x'],
    ['a repeated query parameter', 'payments?access=get&access=get'],
    ['an access level that the API does not have', 'payments?access=delete-everything'],
    ['an empty access level', 'payments?access='],
    ['an access level of a key-only API', 'core?access=.default'],
  ])('%s', async (_name, api) => {
    expect(codeOf(await on.headers(api, { token: billing }))).toEqual({ status: 400, code: 'invalid-request' });
  });

  test('two Authorization headers, as the host joins them', async () => {
    const headers = { authorization: `Bearer ${billing}, Bearer ${billing}` };
    expect(codeOf(await on.headers('core', { headers }))).toEqual({ status: 400, code: 'invalid-request' });
  });

  test('is not what a configured access level gets', async () => {
    expect((await on.headers('payments?access=.default', { token: billing })).status).toBe(200);
  });
});

describe('401 (guarantee 1)', () => {
  test('missing-token challenges, with no error code', async () => {
    const reply = await on.headers('core');
    expect(codeOf(reply)).toEqual({ status: 401, code: 'missing-token' });
    expect(reply.headers['WWW-Authenticate']).toBe('Bearer realm="token-broker"');
  });

  test('missing-token for another scheme', async () => {
    const reply = await on.headers('core', { headers: { authorization: 'Basic YTpi' } });
    expect(codeOf(reply)).toEqual({ status: 401, code: 'missing-token' });
  });

  test.each([
    ['an attacker’s key', { key: 'attacker' }],
    ['no signature', { key: 'none' }],
    ['a weak key', { key: 'weak' }],
    ['another audience', { claims: { aud: 'api://other' } }],
    ['a list of audiences', { claims: { aud: ['722f6da4-caac-48a7-926c-bf5c829eedae'] } }],
    ['another issuer', { claims: { iss: 'https://login.microsoftonline.com/common/v2.0' } }],
    ['another tenant', { claims: { tid: 'a53d724c-15ea-4469-a987-82a5b30ec167' } }],
    ['a person', { claims: { idtyp: 'user', scp: 'access' } }],
    ['no idtyp', { claims: { idtyp: null } }],
    ['version 1.0', { claims: { ver: '1.0' } }],
    ['no expiry', { claims: { exp: null } }],
    ['an expiry beyond time', { claims: { exp: 1e300 } }],
  ])('invalid-token for %s, with a challenge that tells no reason', async (_name, spec) => {
    const reply = await on.headers('core', { token: await on.token('billing', spec) });
    expect(codeOf(reply)).toEqual({ status: 401, code: 'invalid-token' });
    expect(reply.headers['WWW-Authenticate']).toBe('Bearer realm="token-broker", error="invalid_token"');
  });
});

describe('403 forbidden', () => {
  test('is the same, byte for byte, for an API that the caller may not have and one that does not exist', async () => {
    const token = await on.token('reporting');
    const replies = [await on.headers('payments', { token }), await on.headers('nosuch', { token })];
    const [denied, unknown] = replies.map(({ status, headers, text, json }) => ({
      status,
      headers: { ...headers, 'X-Request-Id': undefined },
      text: text.replace(json.requestId, ''),
    }));
    expect(denied?.status).toBe(403);
    expect(denied).toEqual(unknown);
  });

  test('for a caller that the configuration does not name', async () => {
    expect(codeOf(await on.headers('core', { token: await on.token('stranger') }))).toEqual({
      status: 403,
      code: 'forbidden',
    });
  });

  test('for a caller without the app role', async () => {
    const token = await on.token('billing', { claims: { roles: null } });
    expect(codeOf(await on.headers('core', { token }))).toEqual({ status: 403, code: 'forbidden' });
  });

  test('for a configured client id with another object id', async () => {
    const token = await on.token('billing', { claims: { oid: '11111111-2222-4333-8444-555555555555' } });
    expect(codeOf(await on.headers('core', { token }))).toEqual({ status: 403, code: 'forbidden' });
  });

  test('comes from the policy of now, though header sets are cached (guarantee 2)', async () => {
    expect((await on.headers('core', { token: billing })).status).toBe(200);
    on.restart((config) => ({
      ...config,
      callers: config.callers.map((caller) => (caller.name === 'billing' ? { ...caller, apis: [] } : caller)),
    }));
    expect(codeOf(await on.headers('core', { token: billing }))).toEqual({ status: 403, code: 'forbidden' });
  });
});

describe('404 and 405', () => {
  test('404 not-found for a route that does not exist', async () => {
    expect(codeOf(await on.ask('notFound', 'v2/headers'))).toEqual({ status: 404, code: 'not-found' });
  });

  test.each(['HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])(
    '405 method-not-allowed for %s, with Allow',
    async (method) => {
      const reply = await on.headers('core', { token: billing, method });
      expect(codeOf(reply)).toEqual({ status: 405, code: 'method-not-allowed' });
      expect(reply.headers['Allow']).toBe('GET');
    },
  );
});

describe('429 too-many-requests', () => {
  test('for the caller that is loud alone, with Retry-After', async () => {
    on.restart((config) => ({
      ...config,
      callers: config.callers.map((caller) => ({ ...caller, rateLimit: { perSecond: 0.1, burst: 3 } })),
    }));
    const replies = [];
    for (let request = 0; request < 4; request += 1) replies.push(await on.headers('core', { token: billing }));
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200, 429]);
    const [refused] = replies.slice(-1);
    expect([refused?.json.code, refused?.headers['Retry-After']]).toEqual(['too-many-requests', '10']);
    expect((await on.headers('core', { token: await on.token('reporting') })).status).toBe(200);
    await on.clock.advance(10_000);
    expect((await on.headers('core', { token: billing })).status).toBe(200);
  });
});

describe('every answer', () => {
  test.each([
    ['200', () => on.headers('core', { token: billing })],
    ['200 of a probe', () => on.ask('healthz', 'healthz')],
    ['400', () => on.headers('core?x=1', { token: billing })],
    ['401', () => on.headers('core')],
    ['403', () => on.headers('nosuch', { token: billing })],
    ['404', () => on.ask('notFound', 'nosuch')],
    ['405', () => on.headers('core', { method: 'POST' })],
  ])('%s is never cached or sniffed, and has a request id', async (_status, ask) => {
    const { headers } = await ask();
    expect(headers).toMatchObject({
      'Cache-Control': 'no-store',
      Pragma: 'no-cache',
      'X-Content-Type-Options': 'nosniff',
      'X-Request-Id': expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  });

  test('that is an error links to the page on problems, which the broker serves', async () => {
    const { json } = await on.headers('core');
    const [path, anchor] = json.type.slice(1).split('#');
    const page = await on.ask('problems', path);
    expect(page.status).toBe(200);
    expect(page.text).toContain(`## ${anchor}\n`);
  });
});
