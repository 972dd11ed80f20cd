import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Config } from '../../shared/config/config.ts';
import { startBrokerOnStack, type BrokerOnStack } from '../support/broker-on-stack.ts';
import { sendRaw, startApi, startCallHost, type Received, type Server } from '../support/call-host.ts';

const limit = 4_194_304;
let on: BrokerOnStack;
let api: Server;
let trap: Server;
let host: Omit<Server, 'received'>;
let token: string;
let credentials: string[];
const answers = new Map<string, Parameters<typeof startApi>[0]>();

/** Both APIs at an address of the test’s own; the caller may have both, and have the broker call `core` alone. */
function withCalls(config: Config): Config {
  const toOwn = (name: string) => `http://127.0.0.1:${api.port}/${name}`;
  return {
    ...config,
    apis: config.apis.map((one) => ({ ...one, baseUrl: toOwn(one.name), call: one.name !== 'invoices' })),
    callers: config.callers.map((one) => ({ ...one, call: one.name !== 'reporting' })),
  };
}

beforeAll(async () => {
  on = await startBrokerOnStack();
  api = await startApi((request, response) => {
    const respond = answers.get(request.path);
    if (respond) return respond(request, response);
    return response.writeHead(200, { 'content-type': 'text/plain', 'x-kept': 'yes' }).end('from the API');
  });
  trap = await startApi((_request, response) => response.end('trapped'));
  on.restart(withCalls);
  host = await startCallHost(
    (request, context) => on.broker.call(request, context),
    (line) => void on.lines.push(JSON.parse(line)),
  );
  token = await on.token('billing');
  const sets = [await on.headers('core', { token }), await on.headers('payments', { token })];
  credentials = sets
    .flatMap(({ json }) => Object.values<string>(json.headers))
    .map((value) => value.replace('Bearer ', ''));
});
afterAll(async () => {
  await Promise.all([host.close(), api.close(), trap.close()]);
  await on.close();
});
beforeEach(() => {
  answers.clear();
  api.received.length = 0;
  trap.received.length = 0;
});

type Sent = { method?: string; headers?: string[]; body?: string | Buffer; as?: string };

async function send(target: string, { method = 'GET', headers = [], body = '', as = token }: Sent = {}) {
  const length = body.length > 0 ? [`Content-Length: ${Buffer.byteLength(body)}`] : [];
  const lines = ['Host: broker.test', `Authorization: Bearer ${as}`, 'Connection: close', ...length, ...headers];
  const text = await sendRaw(host.port, `${method} ${target} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`, body);
  const [head = '', ...rest] = text.split('\r\n\r\n');
  return { status: Number(head.split(' ')[1]), head, body: rest.join('\r\n\r\n'), text };
}

/** No answer holds a credential, no other host was called, and what the API was called with stays below its base path. */
function expectContained(text: string) {
  for (const credential of credentials) expect(text).not.toContain(credential);
  expect(text).not.toContain(token);
  expect(trap.received).toEqual([]);
  for (const { path, headers } of api.received) {
    expect(new URL(path, 'http://api.test').pathname).toMatch(/^\/core(\/|$)/);
    expect(path).not.toMatch(/%(25)*(2e|2f|5c)|\.\.|\\|\/\//i);
    expect(headers['host']).toBe(`127.0.0.1:${api.port}`);
    expect(Object.values(headers).join()).not.toContain(token);
  }
}

describe('a path', () => {
  test.each([
    '/v1/call/core/../invoices/x',
    '/v1/call/core/../../invoices',
    '/v1/call/core/x/../../invoices/x',
    '/v1/call/core/%2e%2e/invoices/x',
    '/v1/call/core/%2E%2E/%2E%2E/secret',
    '/v1/call/core/.%2e/invoices',
    '/v1/call/core/%2e./invoices',
    '/v1/call/core/..%2finvoices',
    '/v1/call/core/..%2Finvoices',
    '/v1/call/core/x%2f..%2f..%2finvoices',
    '/v1/call/core/%2finvoices',
    '/v1/call/core/%252e%252e/invoices',
    '/v1/call/core/%25252e%25252e/invoices',
    '/v1/call/core/..%252finvoices',
    '/v1/call/core/%5c..%5cinvoices',
    '/v1/call/core/..%5cinvoices',
    '/v1/call/core/..\\invoices',
    '/v1/call/core/%255c..%255cinvoices',
    '/v1/call/core//127.0.0.1:TRAP/x',
    '/v1/call/core///127.0.0.1:TRAP/x',
    '/v1/call/core/x//y',
    '/v1/call/core/%2f%2f127.0.0.1:TRAP/',
    '/v1/call/core/..;/invoices',
    '/v1/call/core/..;a=b/invoices',
    '/v1/call/core/.;/x',
    '/v1/call/core/%2e%2e%3b/invoices',
    '/v1/call/core/%c0%ae%c0%ae/invoices',
    '/v1/call/core/%e0%80%ae/invoices',
    '/v1/call/core/%ef%bc%8e%ef%bc%8e/invoices',
    '/v1/call/core/%e2%80%a5/invoices',
    '/v1/call/core/%u002e%u002e/invoices',
    '/v1/call/core/%U002E%u002E/invoices',
    '/v1/call/core/x%u2215%u002e%u002e',
    '/v1/call/core/%25u002e%25u002e/invoices',
    '/v1/call/core/x%ef%bc%8f..',
    '/v1/call/core/x%0d%0aX-Injected:%20yes',
    '/v1/call/core/x%0aHost:%20127.0.0.1',
    '/v1/call/core/x%00',
    '/v1/call/core/x%09y',
    '/v1/call/core/x%7f',
    '/v1/call/core/%250d%250aX-Injected:%20yes',
    '/v1/call/core%2f..%2finvoices/x',
    '/v1/call/core@127.0.0.1:TRAP/x',
    '/v1/call/core:x@127.0.0.1:TRAP/x',
    '/v1/call/http:%2f%2f127.0.0.1:TRAP/x',
    '/v1/call/%2e%2e/x',
    '/v1/call/CORE/x',
    '/v1/call/core%00/x',
    'http://127.0.0.1:TRAP/v1/call/core/..%2fx',
  ])('%s reaches nothing', async (target) => {
    const { status, text } = await send(target.replace('TRAP', String(trap.port)));
    expect([400, 403, 404]).toContain(status);
    expect(api.received).toEqual([]);
    expectContained(text);
  });

  test.each([
    ['/v1/call/core', '/core'],
    ['/v1/call/core/', '/core/'],
    ['/v1/call/core/ping', '/core/ping'],
    ['/v1/call/./core/x', '/core/x'],
    ['/v1/call/invoices/../core/x', '/core/x'],
    ['/V1/Call/core/ping', '/core/ping'],
    ['/v1/call/core/a%20b/100%25', '/core/a%20b/100%25'],
    ['/v1/call/core/.well-known/...', '/core/.well-known/...'],
    ['/v1/call/core/@127.0.0.1:1/x', '/core/@127.0.0.1:1/x'],
    ['/v1/call/core/%C3%A5;v=1', '/core/%C3%A5;v=1'],
    ['/v1/call/core/http:/x', '/core/http:/x'],
    ['/v1/call/core/x?a=1&b=../..&c=%2f', '/core/x?a=1&b=../..&c=%2f'],
    ['/v1/call/core/x?u=http://127.0.0.1/', '/core/x?u=http://127.0.0.1/'],
    ['/v1/call/core/x?subscription-key=mine&a=1', '/core/x?a=1'],
    ['/v1/call/core/x?a=1&Subscription%2dKey=mine', '/core/x?a=1'],
    ['/v1/call/core/x?subscription-key', '/core/x'],
    ['http://127.0.0.1:TRAP/v1/call/core/x', '/core/x'],
  ])('%s is called as %s', async (target, path) => {
    const { status, text } = await send(target.replace('TRAP', String(trap.port)));
    expect([status, api.received.map((one) => one.path)]).toEqual([200, [path]]);
    for (const credential of credentials) expect(text).not.toContain(credential);
    expect(trap.received).toEqual([]);
  });
});

describe('a request header', () => {
  test.each([
    'Cookie: session=theirs',
    'Ocp-Apim-Subscription-Key: theirs',
    'ocp-apim-subscription-key: theirs',
    'Ocp_Apim_Subscription_Key: theirs',
    'Ocp-Apim-Trace: theirs',
    'Proxy-Authorization: theirs',
    'Proxy-Connection: theirs',
    'X-MS-CLIENT-PRINCIPAL: theirs',
    'X-MS-CLIENT-PRINCIPAL-NAME: theirs',
    'X-MS-TOKEN-AAD-ACCESS-TOKEN: theirs',
    'X-Functions-Key: theirs',
    'Forwarded: host=theirs',
    'X-Forwarded-Host: theirs',
    'X-Forwarded-For: theirs',
    'X-Original-URL: /theirs',
    'X-Rewrite-URL: /theirs',
    'X-HTTP-Method-Override: theirs',
    'Connection: x-theirs\r\nX-Theirs: theirs',
    'Keep-Alive: theirs',
    'TE: theirs',
    'Upgrade: theirs',
    'HTTP2-Settings: theirs',
    'Via: 1.1 theirs',
    'Accept-Encoding: theirs',
    'Accept-Charset: theirs',
    'Range: bytes=theirs',
    'If-Range: theirs',
    'Apim-Debug-Authorization: theirs',
  ])('%j does not reach the API', async (line) => {
    const { status, text } = await send('/v1/call/core/x', { headers: [line] });
    expect(status).toBe(200);
    expect(JSON.stringify(api.received[0]?.headers)).not.toContain('theirs');
    expect(api.received[0]?.headers['ocp-apim-subscription-key']).toBe(credentials[0]);
    expectContained(text);
  });

  test.each([
    ['two lengths', ['Content-Length: 5', 'Content-Length: 44'], 'GET /payments HTTP/1.1\r\nHost: x\r\n\r\n'],
    [
      'a length and chunks',
      ['Content-Length: 5', 'Transfer-Encoding: chunked'],
      '0\r\n\r\nGET /payments HTTP/1.1\r\n\r\n',
    ],
    ['chunks in another word', ['Transfer-Encoding: xchunked'], '0\r\n\r\nGET /payments HTTP/1.1\r\n\r\n'],
    ['a blank before the colon', ['Content-Length : 44'], 'GET /payments HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['a length with a sign', ['Content-Length: +5'], 'GET /payments HTTP/1.1\r\n\r\n'],
    ['a folded line', ['X-A: b\r\n Content-Length: 5'], 'GET /payments HTTP/1.1\r\n\r\n'],
    ['a bare line feed', ['X-A: b\nTransfer-Encoding: chunked'], '0\r\n\r\nGET /payments HTTP/1.1\r\n\r\n'],
    ['two hosts', [`Host: 127.0.0.1:1`], ''],
    ['two Authorizations', ['Authorization: Bearer theirs'], ''],
  ])('that means to smuggle, with %s, makes at most the one call', async (_what, headers, body) => {
    const lines = ['Host: broker.test', `Authorization: Bearer ${token}`, 'Connection: close', ...headers];
    const text = await sendRaw(host.port, `POST /v1/call/core/x HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`, body);
    expect(api.received.length).toBeLessThanOrEqual(1);
    expect(api.received.every(({ path }: Received) => path === '/core/x')).toBe(true);
    expectContained(text);
  });

  test('in chunks arrives with a length', async () => {
    const body = '5\r\nhello\r\n0\r\n\r\n';
    const lines = ['Host: b', `Authorization: Bearer ${token}`, 'Connection: close', 'Transfer-Encoding: chunked'];
    await sendRaw(host.port, `POST /v1/call/core/x HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`, body);
    expect(api.received[0]).toMatchObject({
      body: 'hello',
      headers: { 'content-length': '5', via: '1.1 token-broker' },
    });
    expect(api.received[0]?.headers).not.toHaveProperty('transfer-encoding');
  });
});

describe('an answer', () => {
  test('is passed on with its status, headers and bytes', async () => {
    const bytes = Buffer.from([0, 255, 13, 10, 128]);
    answers.set('/core/x', (_request, response) => {
      response.writeHead(418, { 'content-type': 'image/png', etag: '"a"' }).end(bytes);
    });
    const { status, head, body } = await send('/v1/call/core/x', { method: 'PUT', body: 'in' });
    expect([status, Buffer.from(body, 'latin1')]).toEqual([418, bytes]);
    expect(head).toMatch(/^etag: "a"\r?$/im);
    expect(head).toMatch(/^via: 1\.1 token-broker\r?$/im);
    expect(head).toMatch(/^x-request-id: 00000000-/im);
    expect(head.match(/^cache-control:.*$/gim)).toEqual(['Cache-Control: no-store']);
    expect(api.received[0]).toMatchObject({ method: 'PUT', body: 'in' });
  });

  test('that redirects is passed on, and not followed', async () => {
    const location = `http://127.0.0.1:${trap.port}/x`;
    answers.set('/core/x', (_request, response) => response.writeHead(307, { location }).end());
    const { status, head, text } = await send('/v1/call/core/x');
    expect([status, head.includes(location)]).toEqual([307, true]);
    expectContained(text);
  });

  test.each([
    ['Set-Cookie', 'a=theirs'],
    ['Authorization', 'theirs'],
    ['Ocp-Apim-Subscription-Key', 'theirs'],
    ['Proxy-Authenticate', 'theirs'],
    ['Strict-Transport-Security', 'theirs'],
    ['Access-Control-Allow-Origin', 'theirs'],
    ['Cache-Control', 'theirs'],
    ['X-Request-Id', 'theirs'],
    ['Keep-Alive', 'theirs'],
  ])('is passed on without %s', async (name, value) => {
    answers.set('/core/x', (_request, response) => response.writeHead(200, { [name]: value }).end());
    expect((await send('/v1/call/core/x')).text).not.toContain('theirs');
  });

  test('is passed on without a header that its Connection names', async () => {
    answers.set('/core/x', (_request, response) => {
      response.writeHead(200, { connection: 'close, x-hop', 'x-hop': 'theirs' }).end();
    });
    expect((await send('/v1/call/core/x')).text).not.toContain('theirs');
  });

  test.each([
    ['core', 'ocp-apim-subscription-key'],
    ['payments', 'authorization'],
  ])('of %s is passed on without a header that carries %s back', async (name, header) => {
    answers.set(`/${name}/x`, ({ headers }, response) => {
      const sent = String(headers[header]);
      response.writeHead(302, { location: `/y?k=${sent.replace('Bearer ', '')}`, 'x-echo': sent }).end('moved');
    });
    const { status, body, text } = await send(`/v1/call/${name}/x`);
    expect([status, body]).toEqual([302, 'moved']);
    for (const credential of credentials) expect(text).not.toContain(credential);
  });

  test('that carries a credential back in its body is refused', async () => {
    answers.set('/core/x', ({ headers }, response) => response.end(JSON.stringify(headers)));
    const { status, body, text } = await send('/v1/call/core/x');
    expect([status, JSON.parse(body).code]).toEqual([502, 'upstream-rejected']);
    expectContained(text);
  });

  test.each([
    ['in UTF-16', (text: string) => Buffer.from(text, 'utf16le')],
    ['in base64', (text: string) => Buffer.from(text).toString('base64')],
  ])('that carries a credential back %s is refused', async (_how, encode) => {
    answers.set('/core/x', ({ headers }, response) => response.end(encode(JSON.stringify(headers))));
    const { status, body } = await send('/v1/call/core/x');
    expect([status, JSON.parse(body).code]).toEqual([502, 'upstream-rejected']);
  });

  test('is asked for as a whole, so that no credential comes back in parts', async () => {
    answers.set('/core/x', ({ headers }, response) => {
      const echo = Buffer.from(JSON.stringify(headers));
      const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(headers['range'] ?? '') ?? [];
      if (from === undefined) return response.end(echo);
      return response.writeHead(206).end(echo.subarray(Number(from), Number(to) + 1));
    });
    const range = (part: number) => ({ headers: [`Range: bytes=${part * 20}-${part * 20 + 19}`] });
    const parts = await Promise.all([0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((part) => send('/v1/call/core/x', range(part))));
    expect(new Set(parts.map(({ status }) => status))).toEqual(new Set([502]));
    expectContained(parts.map(({ body }) => body).join(''));
  });

  test.each([
    ['', ['gzip']],
    [' in one line of several', ['identity', 'gzip']],
  ])('that is encoded%s, and could not be looked through, is refused', async (_where, lines) => {
    answers.set('/core/x', (_request, response) => response.setHeader('content-encoding', lines).end('x'));
    expect((await send('/v1/call/core/x')).status).toBe(502);
  });

  test.each([
    [limit, 200],
    [limit + 1, 502],
  ])('of %i bytes is answered with %i', async (length, status) => {
    answers.set('/core/x', (_request, response) => response.end(Buffer.alloc(length, 'a')));
    expect((await send('/v1/call/core/x')).status).toBe(status);
  });

  test('that breaks off is 503, and nothing of it leaves', async () => {
    answers.set('/core/x', (_request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('half', () => response.destroy());
    });
    const { status, text } = await send('/v1/call/core/x');
    expect([status, text.includes('half')]).toEqual([503, false]);
  });

  test('that never comes is given up at the deadline (guarantee 8)', async () => {
    answers.set('/core/x', () => void on.clock.advance(5_000));
    const { status, text } = await send('/v1/call/core/x');
    expect([status, text.includes('may have been done')]).toEqual([503, true]);
  });
});

describe('an API that hangs', () => {
  const [ofApi, inAll] = [32, 64];
  const hanging: { end(): void }[] = [];
  const hang = (path: string) =>
    answers.set(path, (_request, response) => void hanging.push({ end: () => void response.end('at last') }));
  const crowd = (path: string, count: number) => Array.from({ length: count }, () => send(path));
  const underWay = async (count: number) => {
    while (hanging.length < count) await new Promise((resolve) => setImmediate(resolve));
  };
  const end = () => hanging.splice(0).forEach((each) => each.end());

  test('takes so many places and no more, of its own and of all, and gives them back (guarantee 5)', async () => {
    hang('/core/x');
    hang('/payments/x');
    const first = crowd('/v1/call/core/x', ofApi);
    await underWay(ofApi);
    const late = await send('/v1/call/core/x', { method: 'POST', body: Buffer.alloc(limit, 'a') });
    expect([late.status, /retry-after: 1\r/i.test(late.head)]).toEqual([503, true]);
    expect(late.text).toContain('was not made');
    expect(on.lines.at(-1)).toMatchObject({ action: 'api.call', outcome: 'failed', reason: 'calls-crowded' });
    // Others are called, and whoever asks for headers has them.
    const others = crowd('/v1/call/payments/x', inAll - ofApi);
    await underWay(inAll);
    expect((await on.headers('core', { token })).status).toBe(200);
    end();
    const statuses = (await Promise.all([...first, ...others])).map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([200]));
    answers.clear();
    expect((await send('/v1/call/core/y')).status).toBe(200);
  });

  test('keeps no place past the deadline, nor does a call that is refused', async () => {
    hang('/core/x');
    const overdue = crowd('/v1/call/core/x', ofApi);
    await underWay(ofApi);
    await on.clock.advance(5_000);
    expect(new Set((await Promise.all(overdue)).map(({ status }) => status))).toEqual(new Set([503]));
    for (let times = 0; times <= ofApi; times += 1) {
      const { status } = await send('/v1/call/core/x', { method: 'POST', body: Buffer.alloc(limit + 1, 'a') });
      expect(status).toBe(400);
    }
    end();
    expect((await send('/v1/call/core/y')).status).toBe(200);
  });
});

/** The documented words, as API Management writes them. */
const keyRefused =
  '{"statusCode":401,"message":"Access denied due to invalid subscription key. Make sure to provide a valid key for an active subscription."}';
const tokenRefused = '{"statusCode": 401, "message": "Unauthorized. Access token is missing or invalid."}';

describe('a call that the API answers 401', () => {
  const keyHeader = 'ocp-apim-subscription-key';
  /** Has the API refuse what `isRefused` tells, or everything. */
  const refuse = (path: string, words: string, isRefused: (request: Received) => boolean = () => true) =>
    answers.set(path, (request, response) =>
      isRefused(request) ? response.writeHead(401, { 'x-of': 'the API' }).end(words) : response.end('good'),
    );
  const decisions = () => on.lines.filter(({ action }) => String(action).startsWith('api.'));
  const count = async (target: string) =>
    (await on.counts()).filter((one) => one.target === target).reduce((sum, one) => sum + one.count, 0);

  beforeEach(async () => {
    on.restart(withCalls);
    await on.steer('/requests', 'DELETE');
    on.lines.length = 0;
  });

  test('for a token that was revoked is made once more, with a new one', async () => {
    const { json } = await on.headers('payments', { token });
    refuse('/payments/x', tokenRefused, ({ headers }) => headers['authorization'] === json.headers['Authorization']);
    on.lines.length = 0;
    expect(await send('/v1/call/payments/x')).toMatchObject({ status: 200, body: 'good' });
    expect(api.received).toHaveLength(2);
    expect(api.received[1]?.headers[keyHeader]).toBe(api.received[0]?.headers[keyHeader]);
    const [first, second] = decisions();
    expect(first).toMatchObject({ action: 'api.call', caller: 'billing', api: 'payments' });
    expect(first).not.toHaveProperty('rejection');
    expect(second).toMatchObject({
      action: 'api.repeat',
      outcome: 'allowed',
      requestId: first?.['requestId'],
      caller: 'billing',
      clientId: first?.['clientId'],
      api: 'payments',
      key: first?.['key'],
      rejected: 'token',
      rejection: 'replaced',
    });
    expect(second?.['token']).not.toBe(first?.['token']);
  });

  test('for a key that was replaced is made once more, with the same method and body', async () => {
    const { json } = await on.headers('core', { token });
    const old = String(json.headers['Ocp-Apim-Subscription-Key']);
    await on.steer('/vault/okq8-core', 'POST', { value: 'e'.repeat(32) });
    refuse('/core/x', keyRefused, ({ headers }) => headers[keyHeader] === old);
    expect((await send('/v1/call/core/x', { method: 'POST', body: 'once' })).status).toBe(200);
    await on.steer('/vault/okq8-core', 'POST', { value: old });
    const sent = api.received.map(({ method, body, headers }) => [method, body, headers[keyHeader]]);
    expect(sent).toEqual([
      ['POST', 'once', old],
      ['POST', 'once', 'e'.repeat(32)],
    ]);
  });

  test('again is answered as the API did, after no third try', async () => {
    refuse('/payments/x', tokenRefused);
    const { status, head, body } = await send('/v1/call/payments/x');
    expect([status, body]).toEqual([401, tokenRefused]);
    expect(head).toMatch(/x-of: the API/i);
    expect(api.received).toHaveLength(2);
  });

  test('is answered so at once where there is no other key', async () => {
    refuse('/core/x', keyRefused);
    expect(await send('/v1/call/core/x')).toMatchObject({ status: 401, body: keyRefused });
    expect(api.received).toHaveLength(1);
    expect(decisions().map(({ action }) => action)).toEqual(['api.call']);
  });

  test.each([
    ['no documented words', 401, 'Who are you?'],
    ['none', 401, ''],
    ['the words for both', 401, `${keyRefused}${tokenRefused}`],
    ['another status', 403, tokenRefused],
    ['another status', 429, tokenRefused],
    ['success', 200, tokenRefused],
  ])('or otherwise, with %s (%i), is answered so, and nothing is looked at', async (_what, status, words) => {
    await on.headers('payments', { token });
    await on.steer('/requests', 'DELETE');
    answers.set('/payments/x', (_request, response) => response.writeHead(status).end(words));
    expect(await send('/v1/call/payments/x')).toMatchObject({ status, body: words });
    expect(api.received).toHaveLength(1);
    expect((await count('entra')) + (await count('vault')) + (await count('gateway'))).toBe(0);
  });

  test('costs one new token, however many calls are answered so', async () => {
    refuse('/payments/x', tokenRefused);
    await on.headers('payments', { token });
    await on.steer('/requests', 'DELETE');
    const replies = await Promise.all(Array.from({ length: 10 }, () => send('/v1/call/payments/x')));
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([401]));
    expect(await count('entra')).toBe(1);
    expect(api.received.length).toBeLessThanOrEqual(20);
  });
});

describe('a body', () => {
  test.each([
    [limit, 200, 1],
    [limit + 1, 400, 0],
  ])('of %i bytes is answered with %i', async (length, status, calls) => {
    const answer = await send('/v1/call/core/x', { method: 'POST', body: Buffer.alloc(length, 'a') });
    expect([answer.status, api.received.length]).toEqual([status, calls]);
  });
});

describe('call mode', () => {
  test('is off, unless the configuration says otherwise', async () => {
    on.restart((config) => ({
      ...config,
      apis: config.apis.map((one) => ({ ...one, call: false })),
      callers: config.callers.map((one) => ({ ...one, call: false })),
    }));
    expect((await send('/v1/call/core/x')).status).toBe(403);
    on.restart(withCalls);
    expect((await send('/v1/call/core/x')).status).toBe(200);
    expect(api.received).toHaveLength(1);
  });

  test('refuses alike an API without it, one that the caller may not have, and one that there is not', async () => {
    const bookkeeping = await on.token('bookkeeping');
    const bodies = [];
    for (const name of ['invoices', 'core', 'nosuch']) {
      const { status, body } = await send(`/v1/call/${name}/x`, { as: bookkeeping });
      bodies.push([status, body.replace(/"requestId":"[^"]*"/, '')]);
    }
    expect(new Set(bodies.map((one) => JSON.stringify(one))).size).toBe(1);
    expect(bodies[0]?.[0]).toBe(403);
    expect(api.received).toEqual([]);
  });

  test('refuses a caller without it, and whoever has no token', async () => {
    expect((await send('/v1/call/core/x', { as: await on.token('reporting') })).status).toBe(403);
    expect((await send('/v1/call/core/x', { as: 'none' })).status).toBe(401);
    expect(api.received).toEqual([]);
  });

  test('is all that a caller without headers has: no route gives it a key or a token', async () => {
    on.restart((config) => {
      const called = withCalls(config);
      const callers = called.callers.map((one) => ({ ...one, headers: one.name !== 'billing' }));
      return { ...called, callers };
    });
    const { json: given } = await on.headers('core', { token: await on.token('reporting') });
    const plain = (name: string) => on.headers(name, { token });
    const [refused, unknown] = [await plain('core'), await plain('nosuch')];
    const withoutId = ({ status, json }: typeof refused) => ({ status, problem: { ...json, requestId: '' } });
    expect(withoutId(refused)).toEqual({ ...withoutId(unknown), status: 403 });
    expect(on.lines.findLast(({ api: name }) => name === 'core')).toMatchObject({ reason: 'headers-not-allowed' });
    const report = {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: `{"id":"${given.id}","status":401}`,
    };
    const others = [
      await on.ask('rejections', 'v1/headers/core/rejections', { token, ...report }),
      await on.ask('authorizationHeader', 'AuthorizationHeader/payments', { token }),
    ];
    expect(others.map(({ status }) => status)).toEqual([403, 404]);
    expect((await send('/v1/call/core/x')).status).toBe(200);
    on.restart(withCalls);
  });

  test('has its record accepted before the call', async () => {
    const before: unknown[] = [];
    answers.set('/core/x', (_request, response) => {
      before.push(on.lines.at(-1));
      response.end();
    });
    on.lines.length = 0;
    await send('/v1/call/core/x');
    expect(before).toEqual([expect.objectContaining({ action: 'api.call', api: 'core', caller: 'billing' })]);
  });
});
