import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { endHosts, startHost, type HostChild } from './child.ts';

let host: HostChild;

beforeAll(async () => {
  host = await startHost({ args: ['--key', 'host key'] });
});
afterAll(endHosts);

type Echo = {
  function: string;
  method: string;
  url: string;
  headers: Record<string, string>;
  params: Record<string, string>;
  query: [string, string][];
  body: string;
  traceParent: string;
};

async function echo(path: string, init?: RequestInit): Promise<Echo> {
  const answer = await fetch(host.url + path, init);
  expect(answer.status).toBe(200);
  return (await answer.json()) as Echo;
}

async function ask(path: string, init?: RequestInit): Promise<{ status: number; body: string; headers: Headers }> {
  const answer = await fetch(host.url + path, init);
  return { status: answer.status, body: await answer.text(), headers: answer.headers };
}

describe('a function sees', () => {
  test('its route parameters, decoded, the query, and the url as it was sent', async () => {
    const seen = await echo('/echo/a%20b/c/d%C3%A5?x=1&y=%26&X=2');
    expect(seen).toMatchObject({
      function: 'echo',
      method: 'GET',
      url: `${host.url}/echo/a%20b/c/d%C3%A5?x=1&y=%26&X=2`,
      params: { name: 'a b', rest: 'c/då' },
      query: [
        ['x', '1,2'],
        ['y', '&'],
      ],
    });
  });

  test('the body, byte for byte', async () => {
    const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, index) => index % 256));
    const answer = await fetch(`${host.url}/bytes`, { method: 'POST', body: bytes });
    expect(Buffer.from(await answer.arrayBuffer()).equals(bytes)).toBe(true);
  });

  test('a body of unknown length', async () => {
    const body = new Blob(['ab', 'cd']).stream();
    expect(await echo('/echo/x', { method: 'POST', body, duplex: 'half' })).toMatchObject({ body: 'abcd' });
  });

  test('the trace that it was called in, and one of its own otherwise', async () => {
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
    const called = await echo('/echo/x', { headers: { traceparent: `00-${traceId}-00f067aa0ba902b7-01` } });
    expect(called.traceParent).toMatch(new RegExp(`^00-${traceId}-(?!00f067aa0ba902b7)[0-9a-f]{16}-01$`));
    expect((await echo('/echo/x', { headers: { traceparent: 'bogus' } })).traceParent).toMatch(
      /^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/,
    );
  });
});

describe('a request goes', () => {
  test('to the most precise route, without regard to case', async () => {
    expect((await echo('/echo/literal')).function).toBe('literal');
    expect((await echo('/ECHO/Literal/')).function).toBe('literal');
    expect((await echo('/echo/literal', { method: 'POST', body: 'x' })).function).toBe('echo');
  });

  test('to a function without a route by its name', async () => {
    expect((await echo('/unnamed')).function).toBe('unnamed');
  });

  test.each([
    ['GET', '/nothing-there'],
    ['GET', '/'],
    ['GET', '//'],
    ['GET', '//unnamed'],
    ['GET', '/%zz'],
    ['GET', '/api/unnamed'],
    ['DELETE', '/unnamed'],
    ['HEAD', '/unnamed'],
    ['OPTIONS', '/unnamed'],
    ['GET', '/status/199'],
    ['GET', '/status/abc'],
  ])('nowhere for %s %s: 404 without a body', async (method, path) => {
    const { status, body, headers } = await ask(path, { method });
    expect({ status, body, length: headers.get('content-length') }).toEqual({ status: 404, body: '', length: '0' });
  });

  test('to a function that asks for a key only with it', async () => {
    const statuses = async (...requests: [string, RequestInit?][]) =>
      Promise.all(requests.map(async ([path, init]) => (await ask(path, init)).status));
    expect(
      await statuses(
        ['/locked'],
        ['/locked?code=wrong'],
        ['/locked', { headers: { 'x-functions-key': 'host%20key' } }],
      ),
    ).toEqual([401, 401, 401]);
    expect(
      await statuses(['/locked?code=host%20key'], ['/locked', { headers: { 'x-functions-key': 'host key' } }]),
    ).toEqual([200, 200]);
  });
});

describe('an answer has', () => {
  test('the status, headers and body that the function gave, and the right length whatever it said', async () => {
    const { status, body, headers } = await ask('/status/207');
    expect({ status, body, one: headers.get('x-one'), length: headers.get('content-length') }).toEqual({
      status: 207,
      body: 'a body',
      one: '1',
      length: '6',
    });
    expect(await ask('/native')).toMatchObject({ status: 202, body: 'native' });
  });

  test.each([
    [204, null],
    [205, '0'],
    [304, null],
  ])('no body with status %i, and %j for its length', async (status, length) => {
    const answer = await ask(`/status/${status}`);
    expect({ ...answer, headers: answer.headers.get('content-length') }).toEqual({ status, body: '', headers: length });
  });

  test('no body for HEAD, but the length that it would have', async () => {
    const { status, body, headers } = await ask('/status/200', { method: 'HEAD' });
    expect({ status, body, length: headers.get('content-length') }).toEqual({ status: 200, body: '', length: '6' });
  });

  test('the cookies', async () => {
    expect((await ask('/cookies')).headers.getSetCookie()).toEqual([
      'a=1%3B2; max-age=60; path=/; secure; samesite=lax; httponly',
      'b=; expires=Thu, 01 Jan 1970 00:00:01 GMT; domain=example.com; path=/x; samesite=none',
    ]);
  });

  test('status 204 where the function returns nothing', async () => {
    expect(await ask('/nothing')).toMatchObject({ status: 204, body: '' });
  });

  test('what the invocation hooks made of it', async () => {
    const fine = await ask('/hooked/well');
    expect({ status: fine.status, body: fine.body, wrapped: fine.headers.get('x-wrapped') }).toEqual({
      status: 201,
      body: 'fine',
      wrapped: 'yes',
    });
    expect(await ask('/hooked/fail')).toMatchObject({ status: 418, body: 'pre: as asked' });
  });
});

describe('status 500 without a body, and one line that says why, is for', () => {
  test.each([
    [
      '/throws',
      String.raw`error throws invocation [0-9a-f-]{36} failed: Error: first line\\nsecond line\\n.*caused by Error: the cause`,
    ],
    ['/string', 'error string invocation [0-9a-f-]{36} failed: .*The HTTP response must be an object'],
    ['/bad-header', 'error host a request could not be answered: .*x-bad'],
  ])('%s', async (path, line) => {
    const { status, body } = await ask(path);
    expect({ status, body }).toEqual({ status: 500, body: '' });
    await host.stderrMatches(new RegExp(`^\\S+Z ${line}.*$`, 'm'));
  });
});

describe('the log', () => {
  test('has what the function logs, one line each, after the log hooks', async () => {
    await ask('/logs');
    const text = await host.stderrMatches(/ logs renamed/);
    expect(text).toMatch(/^\S+Z information logs one\\ntwo \\u001b\[31m \{ three: 3 \}$/m);
    expect(text).toMatch(/^\S+Z debug logs renamed by a hook$/m);
  });

  test('lets its hooks see the invocation and what other hooks left there', async () => {
    await ask('/hooked/logs');
    expect(await host.stderrMatches(/ hooked pre/)).toMatch(/^\S+Z information hooked pre, in hooked$/m);
  });
});
