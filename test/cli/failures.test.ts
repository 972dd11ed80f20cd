import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createAuthority } from '../../local/stand-ins/certificates.ts';
import type { Clock } from '../../shared/clock.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { cli } from './cli.ts';
import { rotationSeen, status, steered } from './samples.ts';
import {
  canaryToken,
  problem,
  startScriptedBroker,
  startScriptedStack,
  type ScriptedBroker,
} from './scripted-broker.ts';

let broker: ScriptedBroker;
let stack: ScriptedBroker;
beforeEach(async () => {
  broker = await startScriptedBroker();
  stack = await startScriptedStack(undefined);
});
afterEach(() => Promise.all([broker.close(), stack.close()]));

const at = (url: string) => ['--control', stack.url, '--url', url];
const posted = () => broker.heard.filter(({ method }) => method === 'POST');

/** A clock on which every wait is over at once, and no deadline ever comes. */
const hastyClock: Clock = {
  ...createManualClock(),
  after: (delayMs, callback) => {
    if (delayMs > 2_000) return () => {};
    const turn = setImmediate(callback);
    return () => clearImmediate(turn);
  },
};

const pause = ['rotation', 'pause', 'okq8-payments', '--reason', 'INC-1', '--yes'];

describe('an answer of the broker', () => {
  test.each<[string, Parameters<typeof problem>, number, RegExp[]]>([
    ['401', [401, 'invalid-token'], 3, [/does not accept this sign-in/, /other keys/]],
    ['403', [403, 'forbidden'], 4, [/needs the app role Operations\.Read/, /leave out --as/]],
    ['404 of a route', [404, 'not-found'], 3, [/does not know \/v1\/status/, /older than this command/]],
    ['429', [429, 'too-many-requests'], 3, [/asked too often/, /Try again later/]],
    ['500', [500, 'internal-error'], 3, [/The broker failed \(500\)/]],
    ['502', [502, 'upstream-rejected'], 3, [/needs refuses it/, /broker doctor/]],
    ['503', [503, 'upstream-unavailable', 'Storage is down.'], 3, [/cannot answer just now/, /Storage is down/]],
  ])('%s is told in words, with what to do and the requestId', async (_, [code, name, detail], exit, told) => {
    broker.answer('/v1/status', problem(code, name, detail));
    const ran = await cli(['status', ...at(broker.url)]);
    expect([ran.code, ran.stdout]).toEqual([exit, '']);
    for (const each of [...told, /Its requestId: 00000000-0000-4000-8000-00000000000a/])
      expect(ran.stderr).toMatch(each);
  });

  test('403 of a command names the role that commands need', async () => {
    broker.answer('/v1/rotations/okq8-payments', { body: rotationSeen });
    broker.answer('/v1/rotations/okq8-payments/pause', problem(403, 'forbidden'));
    const { code, stderr } = await cli([...pause, ...at(broker.url)]);
    expect([code, stderr]).toEqual([4, expect.stringMatching(/needs the app role Operations\.Write/)]);
  });

  test('404 of a rotation says where the names are', async () => {
    broker.answer('/v1/rotations/nowhere', problem(404, 'not-found'));
    const { code, stderr } = await cli(['rotation', 'show', 'nowhere', ...at(broker.url)]);
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/no subscription of that name[^]*broker status lists them/),
    ]);
  });

  test('409 is a refusal, with the broker’s own sentence', async () => {
    broker.answer('/v1/rotations/okq8-payments', { body: rotationSeen });
    broker.answer('/v1/rotations/okq8-payments/pause', problem(409, 'conflict', 'It is already so.'));
    const { code, stderr } = await cli([...pause, ...at(broker.url)]);
    expect([code, stderr]).toEqual([1, expect.stringMatching(/refuses this as things stand\.\n  It is already so\./)]);
  });

  test('Retry-After is told', async () => {
    const { body } = problem(503, 'upstream-unavailable') as { body: object };
    broker.answer('/v1/status', { status: 503, headers: { 'Retry-After': '17' }, body });
    expect((await cli(['status', ...at(broker.url)])).stderr).toMatch(/Try again in 17 s/);
  });

  test('that asks for a moment gets it, once; a command is sent again under the same key', async () => {
    const { body } = problem(503, 'upstream-unavailable') as { body: object };
    const busy = { status: 503, headers: { 'Retry-After': '1' }, body };
    broker.answer('/v1/rotations/okq8-payments', { body: rotationSeen });
    broker.answer('/v1/rotations/okq8-payments/pause', busy, { body: steered });
    expect((await cli([...pause, ...at(broker.url)], { clock: hastyClock })).code).toBe(0);
    const keys = posted().map(({ headers }) => headers['idempotency-key']);
    expect(keys).toEqual([keys[0], keys[0]]);
    broker.answer('/v1/rotations/okq8-payments/pause', busy);
    expect((await cli([...pause, ...at(broker.url)], { clock: hastyClock })).code).toBe(3);
    expect(posted()).toHaveLength(4);
  });

  test('with --json a refusal has its status, code and requestId', async () => {
    broker.answer('/v1/status', problem(403, 'forbidden'));
    const { stderr } = await cli(['status', '--json', ...at(broker.url)]);
    expect(JSON.parse(stderr)).toMatchObject({
      exitCode: 4,
      status: 403,
      code: 'forbidden',
      requestId: '00000000-0000-4000-8000-00000000000a',
    });
  });

  test('cannot make the terminal obey', async () => {
    broker.answer('/v1/status', problem(503, 'upstream-unavailable', 'a\x1b]0;owned\x07\u202eb'));
    const { stderr } = await cli(['status', ...at(broker.url)]);
    expect(stderr).toContain('a\uFFFD]0;owned\uFFFD\uFFFDb');
  });

  test('that another version gave is told as that, with its place', async () => {
    broker.answer('/v1/status', { body: { ...status, subscriptions: [{ name: 'okq8-core' }] } });
    const { code, stdout, stderr } = await cli(['status', ...at(broker.url)]);
    expect([code, stdout]).toEqual([3, '']);
    expect(stderr).toMatch(
      /otherwise than this command understands \(at subscriptions\.0\.authority\)\.\n {2}It and this command are of different versions/,
    );
  });
});

describe('what is no broker', () => {
  test.each<[string, Parameters<ScriptedBroker['answer']>[1]]>([
    ['a page', { text: '<html>Welcome</html>' }],
    ['a page that is not found', { status: 404, text: '<html>404</html>' }],
    ['JSON that is no problem document', { status: 400, body: { error: 'no' } }],
  ])('is told as that: %s', async (_, answer) => {
    broker.answer('/v1/status', answer);
    const { code, stderr } = await cli(['status', ...at(broker.url)]);
    expect([code, stderr]).toEqual([
      3,
      expect.stringMatching(/is not the broker\.\n {2}See that the URL is that of the Functions app/),
    ]);
  });

  test('gets no token by sending on to another address', async () => {
    const other = await startScriptedBroker();
    broker.answer('/v1/status', { status: 302, headers: { Location: `${other.url}/v1/status` }, text: '' });
    const { code, stderr } = await cli(['status', ...at(broker.url)]);
    expect([code, stderr]).toEqual([3, expect.stringMatching(/sends on to another address \(127\.0\.0\.1:\d+\)/)]);
    expect(other.heard).toEqual([]);
    await other.close();
  });

  test.each(['/.auth/login/aad?x=1', 'https://login.microsoftonline.com/tenant/oauth2/authorize'])(
    'is the platform’s sign-in page at %s',
    async (location) => {
      broker.answer('/v1/status', { status: 302, headers: { Location: location }, text: '' });
      expect((await cli(['status', ...at(broker.url)])).stderr).toMatch(
        /to a sign-in page[^]*Allow unauthenticated access/,
      );
    },
  );
});

describe('no answer', () => {
  test('where nothing listens', async () => {
    const { url } = broker;
    await broker.close();
    const { code, stderr } = await cli(['status', ...at(url)]);
    expect([code, stderr]).toEqual([
      3,
      expect.stringMatching(`No broker answers at ${url}.\n  See that it runs there`),
    ]);
    broker = await startScriptedBroker();
  });

  test('in time: it is told after 15 s, and the process does not wait on', async () => {
    const clock = createManualClock();
    const asked = new Promise<void>((resolve) => broker.answer('/v1/status', () => resolve()));
    const running = cli(['status', ...at(broker.url)], { clock });
    await asked;
    await clock.advance(15_000);
    const { code, stderr } = await running;
    expect([code, stderr]).toEqual([3, expect.stringMatching(/has not answered in time/)]);
    expect(clock.pending()).toBe(0);
  });

  test('because of Ctrl-C ends with 130 and says nothing', async () => {
    const interrupt = new AbortController();
    broker.answer('/v1/status', () => interrupt.abort());
    expect(await cli(['status', ...at(broker.url)], { interrupted: interrupt.signal })).toEqual({
      code: 130,
      stdout: '',
      stderr: '',
    });
  });

  test('from a server whose certificate nobody trusts: NODE_EXTRA_CA_CERTS is named', async () => {
    const authority = await createAuthority();
    const tls = await startScriptedBroker(await authority.issue(['127.0.0.1']));
    const { code, stderr } = await cli(['status', ...at(tls.url)]);
    expect([code, stderr]).toEqual([
      3,
      expect.stringMatching(/comes from nobody whom this machine trusts[^]*NODE_EXTRA_CA_CERTS/),
    ]);
    await tls.close();
  });

  test('over TLS from a server that speaks none', async () => {
    const { code, stderr } = await cli(['status', ...at(broker.url.replace('http:', 'https:'))]);
    expect([code, stderr]).toEqual([3, expect.stringMatching(/speaks no TLS/)]);
  });
});

describe('a connection that breaks', () => {
  beforeEach(() => broker.answer('/v1/rotations/okq8-payments', { body: rotationSeen }));
  const reset: Parameters<ScriptedBroker['answer']>[1] = (request) => void request.socket.destroy();
  const keys = () => posted().map(({ headers }) => headers['idempotency-key']);

  test('is tried again with the same key, so that the command is carried out once', async () => {
    broker.answer('/v1/rotations/okq8-payments/pause', reset, { body: steered });
    expect((await cli([...pause, ...at(broker.url)], { clock: hastyClock })).code).toBe(0);
    expect(keys()).toEqual([expect.stringMatching(/^[0-9a-f-]{36}$/), keys()[0]]);
  });

  test('and breaks again: after three attempts it is said that nobody knows', async () => {
    broker.answer('/v1/rotations/okq8-payments/pause', reset);
    const { code, stderr } = await cli([...pause, ...at(broker.url)], { clock: hastyClock });
    expect([code, keys().length]).toEqual([3, 3]);
    expect(stderr).toMatch(/broke off[^]*It is not known whether the command was carried out/);
  });
});

test('a token stands in nothing that is printed', async () => {
  broker.answer('/v1/status', { body: status });
  const ran = [await cli(['status', ...at(broker.url)]), await cli(['status', '--json', ...at(broker.url)])];
  broker.answer('/v1/status', { text: canaryToken });
  ran.push(await cli(['status', ...at(broker.url)]));
  broker.answer('/v1/status', { body: { ...status, subscriptions: canaryToken } });
  ran.push(await cli(['status', ...at(broker.url)]));
  expect(ran.map(({ code }) => code)).toEqual([0, 0, 3, 3]);
  expect(JSON.stringify(ran)).not.toContain(canaryToken);
});
