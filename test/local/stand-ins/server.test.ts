import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createCounts } from '../../../local/stand-ins/counts.ts';
import type { Counts } from '../../../local/stand-ins/counts.ts';
import { createFaults } from '../../../local/stand-ins/faults.ts';
import type { Fault, Faults } from '../../../local/stand-ins/faults.ts';
import { serveStandIn } from '../../../local/stand-ins/server.ts';
import type { ServeStandInOptions, StandIn, StandInRequest } from '../../../local/stand-ins/server.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import type { ManualClock } from '../../support/manual-clock.ts';

let clock: ManualClock;
let faults: Faults;
let counts: Counts;
let handled: StandInRequest[];
let server: StandIn;
/** Resolves with the status of the next request that is counted. */
let counted: () => Promise<number>;
/** Resolves when the next fault has matched. */
let matched: () => Promise<void>;

beforeEach(() => {
  clock = createManualClock();
  handled = [];
  const waiting: ((status: number) => void)[] = [];
  const waitingForMatch: (() => void)[] = [];
  counted = () => new Promise((resolve) => waiting.push(resolve));
  matched = () => new Promise((resolve) => waitingForMatch.push(resolve));
  const rows = createCounts();
  counts = {
    ...rows,
    record: (target, method, path, status) => {
      rows.record(target, method, path, status);
      waiting.shift()?.(status);
    },
  };
  const table = createFaults(clock);
  faults = {
    ...table,
    match: (subject) => {
      const active = table.match(subject);
      if (active) setImmediate(() => waitingForMatch.shift()?.());
      return active;
    },
  };
});
afterEach(async () => {
  await server.close();
});

const serve = async (options: Partial<ServeStandInOptions> = {}): Promise<void> => {
  const handle = (request: StandInRequest) => {
    handled.push(request);
    return { status: 200, body: { handled: handled.length } };
  };
  server = await serveStandIn({ target: 'vault', faults, counts, clock, handle, ...options });
};

const serveWith = async (fault: Omit<Fault, 'target'>): Promise<string> => {
  await serve();
  return faults.add({ target: 'vault', ...fault });
};

describe('without a fault', () => {
  test('the handler gets the request as it was sent', async () => {
    await serve({ instance: 2 });
    await fetch(`${server.url}/a/b?c=d`, { method: 'PUT', headers: { 'X-Some': 'thing' }, body: 'text' });
    expect(handled[0]).toMatchObject({
      method: 'PUT',
      instance: 2,
      headers: { 'x-some': 'thing' },
      body: Buffer.from('text'),
    });
    expect(handled[0]?.url.href).toBe(`${server.url}/a/b?c=d`);
    expect(handled[0]?.rawHeaders).toContain('thing');
  });

  test('an object is sent as JSON, text and bytes as they are', async () => {
    const bodies = [{ a: 1 }, 'text', Buffer.from([0, 255])];
    await serve({ handle: ({ url }) => ({ status: 200, body: bodies[Number(url.pathname.slice(1))] ?? '' }) });
    const [json, text, bytes] = await Promise.all([0, 1, 2].map((path) => fetch(`${server.url}/${path}`)));
    expect(json?.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(await json?.json()).toEqual({ a: 1 });
    expect(await text?.text()).toBe('text');
    expect(Buffer.from((await bytes?.arrayBuffer()) ?? new ArrayBuffer())).toEqual(bodies[2]);
  });

  test('its status and headers are sent', async () => {
    await serve({ handle: () => ({ status: 418, headers: { 'Retry-After': '7' } }) });
    const answer = await fetch(server.url);
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([418, '7']);
  });

  test('a request is counted without its query by the time its answer is there', async () => {
    await serve();
    await fetch(`${server.url}/a?secret=1`, { method: 'POST' });
    expect(counts.list()).toEqual([{ target: 'vault', method: 'POST', path: '/a', status: 200, count: 1 }]);
  });

  test('a handler that throws is a 500', async () => {
    await serve({ handle: () => Promise.reject(new Error('oops')) });
    const answer = await fetch(server.url);
    expect(answer.status).toBe(500);
    expect(await answer.json()).toMatchObject({ reason: 'oops' });
    expect(counts.list()[0]?.status).toBe(500);
  });

  test('a body of 1 MB is read, one byte more is a 413', async () => {
    await serve();
    const put = (size: number) => fetch(server.url, { method: 'PUT', body: new Uint8Array(size) });
    expect((await put(1024 * 1024)).status).toBe(200);
    expect(handled[0]?.body).toHaveLength(1024 * 1024);
    expect((await put(1024 * 1024 + 1)).status).toBe(413);
    expect(handled).toHaveLength(1);
  });

  test.each([
    ['a Host that is none', 'GET / HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n'],
    ['a target that is no path', 'GET http://elsewhere/ HTTP/1.1\r\nHost: elsewhere\r\nConnection: close\r\n\r\n'],
  ])('%s is a 400', async (_, text) => {
    await serve();
    expect(await sendRaw(text)).toMatch(/^HTTP\/1\.1 400 /);
    expect(handled).toHaveLength(0);
  });

  test('a client that leaves in the middle of its body is counted with status 0', async () => {
    await serve();
    const status = counted();
    const socket = connect(server.port, '127.0.0.1', () => {
      socket.write('PUT /a HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc', () => socket.destroy());
    });
    expect(await status).toBe(0);
    expect(handled).toHaveLength(0);
  });
});

describe('a fault', () => {
  test('with a status answers with it, its headers and its body, and nothing is handled', async () => {
    await serveWith({ status: 429, headers: { 'Retry-After': '3' }, body: { error: { code: 'Throttled' } } });
    const answer = await fetch(server.url);
    expect([answer.status, answer.headers.get('retry-after'), await answer.json()]).toEqual([
      429,
      '3',
      { error: { code: 'Throttled' } },
    ]);
    expect(handled).toHaveLength(0);
    expect(counts.list()[0]?.status).toBe(429);
  });

  test('with text for a body sends the text', async () => {
    await serveWith({ status: 503, headers: { 'Content-Type': 'text/html' }, body: '<h1>Service Unavailable</h1>' });
    const answer = await fetch(server.url);
    expect([answer.headers.get('content-type'), await answer.text()]).toEqual([
      'text/html',
      '<h1>Service Unavailable</h1>',
    ]);
  });

  test('with a delay alone is late, then handled', async () => {
    await serveWith({ delayMs: 1_000 });
    const held = matched();
    const answer = fetch(server.url);
    await held;
    expect(handled).toHaveLength(0);
    await clock.advance(1_000);
    expect(await (await answer).json()).toEqual({ handled: 1 });
  });

  test('with a delay and a status is late with that status', async () => {
    await serveWith({ delayMs: 1_000, status: 503 });
    const held = matched();
    const answer = fetch(server.url);
    await held;
    await clock.advance(1_000);
    expect((await answer).status).toBe(503);
  });

  test('with a delay does the work even when the client has left', async () => {
    await serveWith({ delayMs: 1_000 });
    const held = matched();
    const leaving = new AbortController();
    const answer = fetch(server.url, { signal: leaving.signal });
    await held;
    const status = counted();
    leaving.abort();
    await expect(answer).rejects.toThrow();
    expect(await status).toBe(0);
    await clock.advance(1_000);
    expect(handled).toHaveLength(1);
  });

  test('that hangs is counted on arrival, and handled when it is lifted', async () => {
    const id = await serveWith({ hang: true });
    const status = counted();
    const answer = fetch(server.url);
    expect(await status).toBe(0);
    expect(handled).toHaveLength(0);
    faults.lift(id);
    expect((await answer).status).toBe(200);
    expect(counts.list()).toEqual([{ target: 'vault', method: 'GET', path: '/', status: 0, count: 1 }]);
  });

  test('that hangs for a time is handled when that is over', async () => {
    await serveWith({ hang: true, forMs: 5_000 });
    const status = counted();
    const answer = fetch(server.url);
    await status;
    await clock.advance(5_000);
    expect((await answer).status).toBe(200);
  });

  test('that hangs never does the work of a client that left', async () => {
    await serveWith({ hang: true });
    const status = counted();
    const leaving = new AbortController();
    const answer = fetch(server.url, { signal: leaving.signal });
    await status;
    leaving.abort();
    await expect(answer).rejects.toThrow();
    await server.close();
    expect(handled).toHaveLength(0);
  });

  test('that resets ends the connection without an answer', async () => {
    await serveWith({ reset: true, times: 1 });
    await expect(fetch(server.url)).rejects.toThrow('fetch failed');
    expect(handled).toHaveLength(0);
    expect(counts.list()[0]?.status).toBe(0);
    expect((await fetch(server.url)).status).toBe(200);
  });

  test.each<[string, Omit<Fault, 'target'>]>([
    ['a status', { status: 500 }],
    ['a reset', { reset: true }],
    ['a hang', { hang: true }],
  ])('with after lets the work be done before %s', async (_, fault) => {
    await serveWith({ ...fault, after: true });
    const held = matched();
    const leaving = new AbortController();
    const answer = fetch(server.url, { signal: leaving.signal }).catch(() => undefined);
    await held;
    expect(handled).toHaveLength(1);
    leaving.abort();
    await answer;
  });

  test('that hangs after the work gives the answer once lifted, and does not work twice', async () => {
    const id = await serveWith({ hang: true, after: true });
    const status = counted();
    const answer = fetch(server.url);
    await status;
    faults.lift(id);
    expect(await (await answer).json()).toEqual({ handled: 1 });
  });

  test('for another instance does not apply', async () => {
    await serve({ instance: 1 });
    faults.add({ target: 'vault', instance: 0, status: 500 });
    expect((await fetch(server.url)).status).toBe(200);
    faults.add({ target: 'vault', instance: 1, status: 503 });
    expect((await fetch(server.url)).status).toBe(503);
  });

  test('is matched against the path without its query', async () => {
    await serveWith({ path: '/secrets/*', method: 'GET', status: 503 });
    expect((await fetch(`${server.url}/secrets/a?api-version=7.6`)).status).toBe(503);
    expect((await fetch(`${server.url}/other?x=/secrets/a`)).status).toBe(200);
  });
});

describe('close', () => {
  test('ends what hangs, what is delayed and what is idle, at once', async () => {
    await serve();
    await fetch(server.url);
    const silent = connect(server.port, '127.0.0.1');
    const silentEnd = new Promise((resolve) => silent.once('close', resolve));
    silent.on('error', () => {});
    faults.add({ target: 'vault', path: '/hang', hang: true });
    faults.add({ target: 'vault', path: '/delay', delayMs: 60_000 });
    const hung = matched();
    const answers = [fetch(`${server.url}/hang`)];
    await hung;
    const delayed = matched();
    answers.push(fetch(`${server.url}/delay`));
    await delayed;
    await server.close();
    const results = await Promise.allSettled(answers);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await silentEnd;
    expect(clock.pending()).toBe(0);
    expect(handled).toHaveLength(1);
  });

  test('can be called again, and frees the port', async () => {
    await serve();
    await Promise.all([server.close(), server.close()]);
    await expect(fetch(server.url)).rejects.toThrow();
    await serve({ port: server.port });
    expect((await fetch(server.url)).status).toBe(200);
  });

  test('a port that is taken is refused', async () => {
    await serve();
    await expect(
      serveStandIn({ target: 'vault', port: server.port, faults, counts, handle: () => ({ status: 200 }) }),
    ).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
  });
});

function sendRaw(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(server.port, '127.0.0.1', () => socket.write(text));
    socket.on('data', (chunk) => (answer += chunk.toString()));
    socket.once('error', reject);
    socket.once('close', () => resolve(answer));
  });
}
