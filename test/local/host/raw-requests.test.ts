import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { endHosts, startHost, type HostChild } from './child.ts';
import { exchange, open, readToEnd } from './raw.ts';

let host: HostChild;

beforeAll(async () => {
  host = await startHost();
});
afterAll(endHosts);

const get = (path: string, ...headers: string[]): string =>
  [`GET ${path} HTTP/1.1`, 'Host: x', 'Connection: close', ...headers, '', ''].join('\r\n');

const send = (...parts: (string | Buffer)[]): Promise<string> => exchange(host.port, ...parts);

const statusesOf = (text: string): number[] =>
  [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status));

function bodyOf(text: string): Record<string, unknown> {
  return JSON.parse(text.slice(text.indexOf('\r\n\r\n') + 4)) as Record<string, unknown>;
}

describe('repeated headers', () => {
  test('reach the function joined with a comma, authorization and host-like ones included', async () => {
    const { headers } = bodyOf(
      await send(
        get(
          '/unnamed',
          'Authorization: Bearer a',
          'X-One: 1',
          'authorization: Bearer b',
          'x-one: 2',
          'User-Agent: a',
          'User-Agent: b',
        ),
      ),
    );
    expect(headers).toMatchObject({ authorization: 'Bearer a,Bearer b', 'x-one': '1,2', 'user-agent': 'a,b' });
  });
});

describe('a request target', () => {
  test.each([
    ['http://other/unnamed?a=1', 200, 'http://x/unnamed?a=1'],
    ['/echo/../unnamed', 200, 'http://x/unnamed'],
    ['/unnamed?__proto__=1', 200, 'http://x/unnamed?__proto__=1'],
    ['/unnamed?%zz=%ff', 200, 'http://x/unnamed?%zz=%ff'],
  ])('%s is served', async (target, status, url) => {
    const answer = await send(get(target));
    expect(statusesOf(answer)).toEqual([status]);
    expect(bodyOf(answer)).toMatchObject({ function: 'unnamed', url });
  });

  test.each([
    ['//', 404],
    ['/../../etc/passwd', 404],
    ['/%', 404],
    ['/%00', 400],
    ['/unnamed#x', 400],
    ['unnamed', 400],
    ['*', 400],
    [`/echo/${'a'.repeat(60_000)}`, 431],
  ])('%s gets no further', async (target, status) => {
    expect(statusesOf(await send(get(target)))).toEqual([status]);
  });
});

describe('what is no good request is refused and harms nobody:', () => {
  test.each([
    ['a host with a user', 'GET /unnamed HTTP/1.1\r\nHost: a@b\r\nConnection: close\r\n\r\n', 400],
    ['two hosts', get('/unnamed', 'Host: y'), 400],
    ['an impossible port', 'GET /unnamed HTTP/1.1\r\nHost: a:99999\r\nConnection: close\r\n\r\n', 400],
    ['no host', 'GET /unnamed HTTP/1.1\r\nConnection: close\r\n\r\n', 400],
    ['an unknown method', 'FOO /unnamed HTTP/1.1\r\nHost: x\r\n\r\n', 400],
    ['a TLS handshake', Buffer.from('16030100c8010000c40303', 'hex'), 400],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
    ['noise', Buffer.from(Array.from({ length: 300 }, (_, index) => (index * 7) % 256)), 400],
    ['a space before the colon', get('/unnamed', 'X : 1'), 400],
    ['a NUL in a header', get('/unnamed', 'X: a\0b'), 400],
    [
      'both kinds of length',
      'POST /unnamed HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
    ],
    ['two lengths', 'POST /unnamed HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd', 400],
    ['a broken chunk', 'POST /unnamed HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc', 400],
    ['a huge header', get('/unnamed', `X: ${'a'.repeat(40_000)}`), 431],
    ['too many headers', get('/unnamed', ...Array.from({ length: 101 }, (_, index) => `x${index}: 1`)), 431],
  ])('%s', async (_name, bytes, status) => {
    expect(statusesOf(await send(bytes))).toEqual([status]);
    expect(statusesOf(await send(get('/unnamed')))).toEqual([200]);
  });
});

describe('on one connection', () => {
  test('requests sent at once are answered in their order', async () => {
    const keptOpen = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`;
    const answer = await send(
      keptOpen('/status/201') + keptOpen('/nope') + keptOpen('/throws') + keptOpen('/status/204') + get('/status/202'),
    );
    expect(statusesOf(answer)).toEqual([201, 404, 500, 204, 202]);
  });

  test('a body that nobody wanted does not pass for the next request', async () => {
    const refused = (path: string): string =>
      `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 30\r\n\r\n${'GET /status/299 HTTP/1.1\r\n\r\n'.padEnd(30)}`;
    expect(statusesOf(await send(refused('/nope') + refused('/echo/literal') + get('/status/202')))).toEqual([
      404, 200, 202,
    ]);
  });

  test('the body of a GET is left out', async () => {
    const answer = await send(`GET /unnamed HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc${get('/status/202')}`);
    expect(statusesOf(answer)).toEqual([200, 202]);
  });
});

describe('a body', () => {
  test('may come byte by byte', async () => {
    const socket = await open(host.port);
    const answer = readToEnd(socket);
    for (const byte of 'POST /unnamed HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc') {
      // oxlint-disable-next-line no-await-in-loop -- each in a packet of its own
      await new Promise((resolve) => socket.write(byte, resolve));
    }
    expect(bodyOf(await answer)['body']).toBe('abc');
  });

  test('that breaks off never reaches the function, and is no error of the host', async () => {
    const begin = 'POST /tells HTTP/1.1\r\nHost: x\r\n';
    for (const rest of ['Content-Length: 100\r\n\r\nabc', 'Transfer-Encoding: chunked\r\n\r\nff\r\nabc']) {
      const socket = await open(host.port);
      const answer = readToEnd(socket);
      socket.end(begin + rest);
      expect(statusesOf(await answer)).toEqual([400]);
    }
    await send(`${begin}Connection: close\r\nContent-Length: 5\r\n\r\nwhole`);
    expect(await (await fetch(`${host.url}/told/3`)).json()).toEqual(['appStart', 'warm', 'whole']);
    expect(host.stderr()).not.toContain('could not be answered');
  });

  test('over 100 MB is refused: at once where its length is announced', async () => {
    const socket = await open(host.port);
    const answer = readToEnd(socket);
    socket.on('data', () => socket.destroy());
    socket.write('POST /unnamed HTTP/1.1\r\nHost: x\r\nContent-Length: 104857601\r\n\r\nabc');
    expect(statusesOf(await answer)).toEqual([413]);
  });

  test('over 100 MB is refused: as soon as it is, where it comes in chunks, and the connection can be used again', async () => {
    const socket = await open(host.port);
    const answer = readToEnd(socket);
    socket.write('POST /unnamed HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n');
    const megabyte = Buffer.concat([Buffer.from('100000\r\n'), Buffer.alloc(1 << 20, 'a'), Buffer.from('\r\n')]);
    for (let sent = 0; sent < 102; sent += 1) {
      // oxlint-disable-next-line no-await-in-loop -- not all of it in this process's memory
      await new Promise((resolve) => socket.write(megabyte, resolve));
    }
    socket.write(`0\r\n\r\n${get('/status/202')}`);
    expect(statusesOf(await answer)).toEqual([413, 202]);
  });
});
