import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { authorizationHeaderAnswer, validateAnswer } from '../../shared/http/contract/sidecar.ts';
import { startBrokerOnStack, type BrokerOnStack, type Reply } from '../support/broker-on-stack.ts';
import { unsupportedOptions } from '../support/sidecar-unsupported.ts';

/** What a client of a Microsoft Entra ID Auth SDK's sidecar asks, and what it must be able to read. */

let on: BrokerOnStack;
let token: string;
beforeAll(async () => {
  on = await startBrokerOnStack();
});
afterAll(() => on.close());
beforeEach(async () => {
  on.restart();
  token = await on.token('billing');
  await on.steer('/requests', 'DELETE');
  on.lines.length = 0;
});

type Asked = { as?: string; body?: unknown; headers?: Record<string, string> };
const get = (api: string, { as = token, headers = {} }: Asked = {}) =>
  on.ask('authorizationHeader', `AuthorizationHeader/${api}`, { token: as, headers });
const post = (api: string, { as = token, body, headers = {} }: Asked = {}) =>
  on.ask('authorizationHeader', `AuthorizationHeader/${api}`, {
    token: as,
    method: 'POST',
    headers: body === undefined ? headers : { 'content-type': 'application/json', ...headers },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
const validate = (as: string | undefined = token, query = '') => on.ask('validate', `Validate${query}`, { token: as });
const count = async (target: string) =>
  (await on.counts()).filter((one) => one.target === target).reduce((sum, one) => sum + one.count, 0);
const codeOf = ({ status, json }: Reply) => [status, json.code];
const lastReason = () => on.lines.findLast(({ event }) => event === 'audit')?.['reason'];
const forceRefresh = 'optionsOverride.AcquireTokenOptions.ForceRefresh';

describe('/AuthorizationHeader/{api}', () => {
  test('is answered, to GET and POST, with what a hand-out has', async () => {
    const { json: set } = await on.headers('payments', { token });
    for (const reply of [await get('payments'), await post('payments'), await post('payments', { body: {} })]) {
      expect(reply.status).toBe(200);
      expect(reply.json).toEqual({ authorizationHeader: set.headers.Authorization, headers: set.headers });
      expect(reply.headers).toMatchObject({ 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
      expect(authorizationHeaderAnswer.safeParse(reply.json).success).toBe(true);
    }
  });

  test('is on record and counted as a hand-out is', async () => {
    await on.headers('payments', { token });
    await get('payments');
    const [one, other] = on.lines.filter(({ event }) => event === 'audit');
    expect(other).toEqual({
      ...one,
      time: expect.anything(),
      requestId: expect.anything(),
      durationMs: expect.anything(),
      expiresOn: expect.anything(),
    });
  });

  test('is the same 404, but for the request’s id, for a name that is unknown, not allowed, or none', async () => {
    const reporting = await on.token('reporting');
    const texts = [];
    for (const api of ['payments', 'nosuch', 'Graph', 'constructor', '%2e%2e']) {
      const { status, text, headers, json } = await get(api, { as: reporting });
      texts.push([status, { ...headers, 'X-Request-Id': '' }, text.replace(json.requestId, '')]);
    }
    expect(new Set(texts.map((text) => JSON.stringify(text))).size).toBe(1);
    expect(texts[0]?.[0]).toBe(404);
    expect(await count('vault')).toBe(0);
    expect(lastReason()).toBe('api-not-offered');
  });

  test('is refused for an API that takes a key alone', async () => {
    const reply = await get('core');
    expect(codeOf(reply)).toEqual([400, 'unsupported']);
    expect(reply.json.detail).toContain('/v1/headers/{api}');
    expect(await count('vault')).toBe(0);
  });

  test.each([
    ['without a token', undefined, 401, 'missing-token'],
    ['with a token that is none', 'x.y.z', 401, 'invalid-token'],
    ['with a stranger’s token', 'stranger', 403, 'forbidden'],
  ])('is refused %s', async (_how, who, status, code) => {
    const as = who === 'stranger' ? await on.token('stranger') : who;
    const reply = await on.ask('authorizationHeader', 'AuthorizationHeader/payments', { token: as });
    expect(codeOf(reply)).toEqual([status, code]);
  });

  test('takes no other method', async () => {
    const reply = await on.ask('authorizationHeader', 'AuthorizationHeader/payments', { token, method: 'PUT' });
    expect([...codeOf(reply), reply.headers['Allow']]).toEqual([405, 'method-not-allowed', 'GET, POST']);
  });
});

describe('ForceRefresh', () => {
  const refreshing = [
    ['in the query', () => get(`payments?${forceRefresh}=true`)],
    ['in the query, in other case', () => get(`payments?${forceRefresh.toUpperCase()}=True`)],
    ['in the query of a POST', () => post(`payments?${forceRefresh}=true`)],
    ['in the body', () => post('payments', { body: { acquireTokenOptions: { forceRefresh: true } } })],
    [
      'in the body, in other case, beside what is null',
      () => post('payments', { body: { Scopes: null, AcquireTokenOptions: { ForceRefresh: true, Tenant: null } } }),
    ],
  ] as const;

  test.each(refreshing)('has a new token acquired: %s', async (_where, ask) => {
    const { json: before } = await on.headers('payments', { token });
    const { status, json } = await ask();
    expect(status).toBe(200);
    expect(json.authorizationHeader).not.toBe(before.headers.Authorization);
    expect((await on.headers('payments', { token })).json.headers).toEqual(json.headers);
  });

  test('that is false, or in the body of a GET, has none acquired', async () => {
    const { json: before } = await on.headers('payments', { token });
    const replies = [
      await get(`payments?${forceRefresh}=false`),
      await post('payments', { body: { acquireTokenOptions: { forceRefresh: false } } }),
    ];
    for (const { json } of replies) expect(json.authorizationHeader).toBe(before.headers.Authorization);
  });

  test('costs one token and one read of the key in an interval, however often it is asked', async () => {
    await on.headers('payments', { token });
    await on.steer('/requests', 'DELETE');
    const replies = [];
    for (let asked = 0; asked < 10; asked += 1) replies.push(get(`payments?${forceRefresh}=true`));
    expect(new Set((await Promise.all(replies)).map(({ status }) => status))).toEqual(new Set([200]));
    expect(await count('entra')).toBe(1);
    expect(await count('vault')).toBeLessThanOrEqual(2);
  });

  test.each([
    ['twice', `${forceRefresh}=true&${forceRefresh}=true`],
    ['neither true nor false', `${forceRefresh}=1`],
    ['empty', `${forceRefresh}=`],
  ])('is refused: %s', async (_how, query) => {
    expect(codeOf(await get(`payments?${query}`))).toEqual([400, 'invalid-request']);
  });
});

describe('what a sidecar takes and the broker does not', () => {
  test.each([
    ...unsupportedOptions,
    ['agentIdentity', 'agent-unsupported'],
    ['AgentUsername', 'agent-unsupported'],
    ['optionsOverride.AcquireTokenOptions.FmiPath', 'option-unsupported'],
    ['optionsOverride.AcquireTokenOptions.LongRunningWebApiSessionKey', 'option-unsupported'],
    ['optionsOverride.AcquireTokenOptions.ManagedIdentity.UserAssignedClientId', 'option-unsupported'],
    ['optionsOverride.AcquireTokenOptions.ExtraQueryParameters', 'option-unsupported'],
    ['optionsOverride.AcquireTokenOptions.NoSuch', 'option-unsupported'],
    ['optionsOverride.Zq7', 'option-unsupported'],
  ])('%s is refused by name, and not echoed', async (name, reason) => {
    const reply = await get(`payments?${name}=zq7value`);
    expect(codeOf(reply)).toEqual([400, 'unsupported']);
    expect(lastReason()).toBe(reason);
    expect(reply.text).not.toMatch(/zq7/i);
    expect(await count('vault')).toBe(0);
  });

  test.each([
    [{ scopes: ['a'] }, 'scopes-unsupported'],
    [{ requestAppToken: true }, 'app-token-unsupported'],
    [{ acquireTokenOptions: { tenant: 'x' } }, 'tenant-unsupported'],
    [{ acquireTokenOptions: { forceRefresh: true, claims: '{}' } }, 'claims-unsupported'],
    [{ baseUrl: 'https://x' }, 'call-options-unsupported'],
    [{ extraHeaderParameters: { 'X-A': 'b' } }, 'call-options-unsupported'],
    [{ acquireTokenOptions: { extraParameters: {} } }, 'option-unsupported'],
    [{ acquireTokenOptions: 'x' }, 'option-unsupported'],
    [{ zq7: 1 }, 'option-unsupported'],
  ])('in the body, too: %j', async (body, reason) => {
    expect(codeOf(await post('payments', { body }))).toEqual([400, 'unsupported']);
    expect(lastReason()).toBe(reason);
  });

  test('is refused with words that name it', async () => {
    const details = [];
    for (const name of ['AgentUserId', 'optionsOverride.Scopes', 'optionsOverride.AcquireTokenOptions.Tenant']) {
      const { json } = await get(`payments?${name}=x`);
      expect(json.detail).toContain(name);
      details.push(json.detail);
    }
    expect(new Set(details).size).toBe(3);
  });
});

describe('what no sidecar takes', () => {
  test.each(['zq7=1', 'access=get', 'tenant=x', 'optionsOverrides.Scopes=x'])('is refused: ?%s', async (query) => {
    expect(codeOf(await get(`payments?${query}`))).toEqual([400, 'invalid-request']);
  });

  test.each([
    ['no JSON', '{'],
    ['no object', '[]'],
    ['null', 'null'],
    ['a member twice', '{"acquireTokenOptions":{"forceRefresh":true,"forceRefresh":false}}'],
    ['a list', '{"AcquireTokenOptions":{"ForceRefresh":["true"]}}'],
    ['a list that cannot be made a text', '{"AcquireTokenOptions":{"ForceRefresh":[{"toString":null}]}}'],
    ['a member twice, in other case', '{"acquireTokenOptions":{"forceRefresh":true,"ForceRefresh":false}}'],
    ['a text for a truth', '{"acquireTokenOptions":{"forceRefresh":"yes"}}'],
    ['more than 4 KB', `{"x":"${'y'.repeat(5_000)}"}`],
  ])('is refused as a body: %s', async (_what, body) => {
    expect(codeOf(await post('payments', { body }))).toEqual([400, 'invalid-request']);
  });

  test('is refused as a body that is not said to be JSON', async () => {
    const reply = await post('payments', { body: '{}', headers: { 'content-type': 'text/plain' } });
    expect(codeOf(reply)).toEqual([400, 'invalid-request']);
  });
});

describe('a problem', () => {
  const [plain, problem] = ['application/json', 'application/problem+json'];

  test.each([
    ['application/json', plain],
    ['application/json; charset=utf-8', plain],
    ['text/json, application/json;q=0.9', plain],
    ['application/problem+json;q=0, */*', plain],
    ['image/png', plain],
    ['', plain],
    [undefined, problem],
    ['*/*', problem],
    ['application/*', problem],
    ['application/json, application/problem+json', problem],
    ['application/problem+json; charset=utf-8', problem],
  ])('for Accept: %j is %s', async (accept, type) => {
    const headers = accept === undefined ? {} : { accept };
    const replies = [
      await get('nosuch', { headers }),
      await on.ask('authorizationHeader', 'AuthorizationHeader/payments', { method: 'PUT', headers }),
      await on.ask('validate', 'Validate', { headers }),
    ];
    for (const reply of replies) {
      expect(reply.headers).toMatchObject({ 'Content-Type': type, Vary: 'Accept' });
      expect(reply.json).toMatchObject({ status: reply.status, code: expect.any(String) });
    }
  });

  test('of another route is what it was', async () => {
    const reply = await on.headers('nosuch', { token, headers: { accept: plain } });
    expect(reply.headers['Content-Type']).toBe(problem);
  });
});

describe('/Validate', () => {
  test('gives the caller its own token back, with all that it says', async () => {
    const own = await on.token('billing', { claims: { extra: { deep: [1, null, 'å'] } } });
    const { status, json, headers } = await validate(own);
    expect([status, headers['Cache-Control']]).toEqual([200, 'no-store']);
    expect(json).toEqual({
      protocol: 'Bearer',
      token: own,
      claims: JSON.parse(Buffer.from(own.split('.')[1] ?? '', 'base64url').toString()),
    });
    expect(json.claims.extra).toEqual({ deep: [1, null, 'å'] });
    expect(validateAnswer.safeParse(json).success).toBe(true);
  });

  test('is on record, without the token', async () => {
    await validate();
    const line = on.lines.findLast(({ event }) => event === 'audit');
    expect(line).toMatchObject({ action: 'token.validate', caller: 'billing', outcome: 'allowed' });
    for (const part of token.split('.')) expect(JSON.stringify(on.lines)).not.toContain(part);
  });

  test.each([
    ['no token', undefined, 401],
    ['an attacker’s', { key: 'attacker' }, 401],
    ['an expired one', { claims: { exp: 1_700_000_000 } }, 401],
    ['a person’s', { claims: { idtyp: 'user', scp: 'access' } }, 401],
    ['one without the app role', { claims: { roles: null } }, 403],
  ])('refuses %s', async (_what, spec, status) => {
    const as = spec && (await on.token('billing', spec));
    const reply = await on.ask('validate', 'Validate', { token: as });
    expect(reply.status).toBe(status);
    expect(reply.text).not.toContain('claims"');
  });

  test('takes no query', async () => {
    expect(codeOf(await validate(token, '?x=1'))).toEqual([400, 'invalid-request']);
  });
});
