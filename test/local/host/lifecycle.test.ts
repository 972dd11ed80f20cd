import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { endHosts, fixtureApp, spawnHost, startHost, type HostChild } from './child.ts';
import { open, readToEnd } from './raw.ts';

const repository = join(import.meta.dirname, '../../..');
let apps: string;

beforeAll(() => {
  apps = mkdtempSync(join(tmpdir(), 'host-apps-'));
  symlinkSync(join(repository, 'node_modules'), join(apps, 'node_modules'));
});
afterAll(() => rmSync(apps, { recursive: true }));
afterEach(endHosts);

/** Writes an app of one file and returns its folder. */
function writeApp(code: string, { settings = '{"main":"main.js"}' }: { settings?: string } = {}): string {
  const root = mkdtempSync(join(apps, 'app-'));
  writeFileSync(join(root, 'package.json'), settings);
  writeFileSync(join(root, 'main.js'), code);
  return root;
}

const register = (call: string): string => `const { app } = require('@azure/functions'); ${call}`;

describe('an app is served', () => {
  test('under "api", unless host.json says otherwise', async () => {
    const host = await startHost({ root: writeApp(register(`app.get('one', () => ({ body: '1' }));`)) });
    expect((await fetch(`${host.url}/api/one`)).status).toBe(200);
    expect((await fetch(`${host.url}/one`)).status).toBe(404);
  });

  test('that is written as ES modules', async () => {
    const code = `import { app } from '@azure/functions'; await 0; app.get('one', () => ({ body: 'esm' }));`;
    const host = await startHost({ root: writeApp(code, { settings: '{"main":"main.js","type":"module"}' }) });
    expect(await (await fetch(`${host.url}/api/one`)).text()).toBe('esm');
  });

  test('whose settings name its schedule and route, in its own folder', async () => {
    const code = register(`app.get('one', { route: '%ROUTE%/x', handler: () => ({ body: process.cwd() }) });`);
    const root = writeApp(code);
    const host = await startHost({ root, env: { ROUTE: 'set' } });
    expect(await (await fetch(`${host.url}/api/set/x`)).text()).toMatch(new RegExp(`${root}$`));
  });

  test('and, without a channel to its parent, says where on stderr', async () => {
    const host = spawnHost({ ipc: false });
    await host.stderrMatches(/^http:\/\/127\.0\.0\.1:\d+$/m);
    host.process.kill('SIGTERM');
    expect(await host.exit).toBe(0);
  });
});

describe('a start that cannot be says what to do and exits with 1:', () => {
  test.each([
    [
      'no such file',
      '',
      { settings: '{"main":"dist/main.cjs"}' },
      'names main "dist/main.cjs", and there is no such file',
    ],
    [
      'the app throws',
      `throw new TypeError('at load');`,
      {},
      /was loaded\. Correct it and start again\. It said:\nTypeError: at load\n +at /,
    ],
    [
      'a module of it rejects',
      `await Promise.reject(new Error('late'));`,
      { settings: '{"main":"main.js","type":"module"}' },
      'It said:\nError: late',
    ],
    ['no function', '', {}, 'registers no function'],
    [
      'two functions of one name',
      register(`app.get('one', () => ({})); app.get('ONE', () => ({}));`),
      {},
      'two functions named "ONE"',
    ],
    [
      'two functions of one route',
      register(`app.get('one', { route: 'x', handler() {} }); app.get('two', { route: 'X', handler() {} });`),
      {},
      '"one" and "two" both take GET /api/X',
    ],
    [
      'an appStart hook fails',
      register(`app.get('one', () => ({})); app.hook.appStart(async () => { throw new Error('not today'); });`),
      {},
      'appStart hook of the app failed. Correct it and start again. It said:\nError: not today',
    ],
    [
      'a bad schedule',
      register(`app.timer('one', { schedule: '0 61 * * * *', handler() {} });`),
      {},
      'The schedule "0 61 * * * *" of the timer "one" is not valid',
    ],
    [
      'HTTP streams',
      register(`app.setup({ enableHttpStream: true }); app.get('one', () => ({}));`),
      {},
      'leave enableHttpStream off',
    ],
  ])('%s', async (_name, code, files: { settings?: string }, reason) => {
    const host = spawnHost({ root: writeApp(code, files) });
    expect(await host.exit).toBe(1);
    expect(host.stderr()).toMatch(/^Cannot start the Functions host\. /);
    expect(host.stderr()).toMatch(reason);
  });

  test('a port that is taken', async () => {
    const first = await startHost();
    const second = spawnHost({ args: ['--port', String(first.port)] });
    expect(await second.exit).toBe(1);
    expect(second.stderr()).toBe(
      `Cannot start the Functions host. Port ${first.port} is taken. End what listens there, or choose another with --port.\n`,
    );
  });

  test('options that it does not know, and a state that cannot be read', async () => {
    const [unknown, unread] = [spawnHost({ args: ['--nope'] }), spawnHost({ args: ['--state', fixtureApp] })];
    expect([await unknown.exit, await unread.exit]).toEqual([1, 1]);
    expect(unknown.stderr()).toMatch(/^Cannot start the Functions host\. .*--nope.* See --help\.\n$/);
    expect(unread.stderr()).toContain('cannot be read');
  });
});

test('--help prints the options on stdout and exits with 0', async () => {
  const host = spawnHost({ args: ['--help'], root: join(apps, 'nowhere') });
  let text = '';
  host.process.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  expect(await host.exit).toBe(0);
  expect(text).toContain('--root DIR');
  expect(host.stderr()).toBe('');
});

/** A request that the app holds until the host's process gets SIGUSR2. */
async function holdRequest(host: HostChild): Promise<{ answer: Promise<string> }> {
  const socket = await open(host.port);
  const answer = readToEnd(socket);
  socket.write('GET /slow HTTP/1.1\r\nHost: x\r\n\r\n');
  await fetch(`${host.url}/told/3`);
  return { answer };
}

/** A kept connection without a request on it; a stop closes it. */
async function openIdle(host: HostChild): Promise<Socket> {
  const socket = await open(host.port);
  socket.write('GET /status/202 HTTP/1.1\r\nHost: x\r\n\r\n');
  await once(socket, 'data');
  return socket;
}

describe('a stop', () => {
  const ways: [string, (child: ChildProcess) => void][] = [
    ['SIGTERM', (child) => child.kill('SIGTERM')],
    ['SIGINT, and again', (child) => child.kill('SIGINT') && child.kill('SIGINT')],
    ['the end of the process that started it', (child) => child.disconnect()],
  ];
  test.each(ways)(
    'by %s takes no more connections, lets the request under way finish, ends the app and exits with 0',
    async (_name, stop) => {
      const host = await startHost();
      const { answer } = await holdRequest(host);
      const idle = await openIdle(host);
      stop(host.process);
      await once(idle, 'close');
      await expect(fetch(`${host.url}/unnamed`)).rejects.toThrow();
      host.process.kill('SIGUSR2');
      const text = await answer;
      expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
      expect(text).toMatch(/\r\nConnection: close\r\n/i);
      expect(text).toMatch(/finished$/);
      expect(await host.exit).toBe(0);
      expect(host.stderr()).toMatch(/^appTerminate ran$/m);
    },
  );

  test('waits for a function whose client has gone', async () => {
    const host = await startHost();
    const socket = await open(host.port);
    socket.write('GET /slow HTTP/1.1\r\nHost: x\r\n\r\n');
    await fetch(`${host.url}/told/3`);
    socket.destroy();
    const idle = await openIdle(host);
    host.process.kill('SIGTERM');
    await once(idle, 'close');
    host.process.kill('SIGUSR2');
    expect(await host.exit).toBe(0);
    expect(host.stderr()).not.toContain('still running');
  });

  test('answers 503 to a request that is complete only after it', async () => {
    const host = await startHost();
    const { answer } = await holdRequest(host);
    const half = await open(host.port);
    const refusal = readToEnd(half);
    half.write('GET /unnamed HTTP/1.1\r\n');
    const idle = await openIdle(host);
    host.process.kill('SIGTERM');
    await once(idle, 'close');
    half.write('Host: x\r\n\r\n');
    expect(await refusal).toMatch(/^HTTP\/1\.1 503 [^]*\r\nConnection: close\r\n/i);
    host.process.kill('SIGUSR2');
    await answer;
    expect(await host.exit).toBe(0);
  });

  test('does not wait for a request that never comes to its end', async () => {
    const host = await startHost();
    const half = await open(host.port);
    half.write('POST /unnamed HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc');
    const end = readToEnd(half);
    host.process.kill('SIGTERM');
    expect(await host.exit).toBe(0);
    expect(await end).toBe('');
    expect(host.stderr()).not.toContain('still running');
  });
});

test('a rejection that nobody handles ends the host with 1, and one line says why', async () => {
  const host = await startHost();
  await fetch(`${host.url}/late-rejection`).catch(() => undefined);
  expect(await host.exit).toBe(1);
  expect(host.stderr()).toMatch(/^\S+Z critical host unhandledRejection: Error: nobody catches this\\n.*$/m);
});
