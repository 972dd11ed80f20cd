import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { callers } from '../../../local/sample.ts';
import { createStack } from '../../../local/stack/stack.ts';
import type { Stack } from '../../../local/stack/stack.ts';
import { ask, isOpen } from './ask.ts';
import { endCommands, runCommand } from './command.ts';

/** Bundling, Azurite and the host take their time on a busy machine. */
const patient = 120_000;

afterEach(endCommands);

/** A ready line, and everything in it that must be gone when the command has ended. */
function readReady(line: string): {
  ready: Record<string, unknown>;
  control: string;
  urls: string[];
  directory: string;
} {
  const ready: Record<string, unknown> = Object.fromEntries(Object.entries(JSON.parse(line)));
  const urls = Object.values(ready)
    .flat()
    .filter((value): value is string => /^https?:/.test(String(value)));
  return { ready, control: String(ready['control']), urls, directory: dirname(String(ready['ca'])) };
}

async function expectNothingLeft({ urls, directory }: ReturnType<typeof readReady>): Promise<void> {
  expect(await Promise.all(urls.map(isOpen))).toEqual(urls.map(() => false));
  expect(existsSync(directory)).toBe(false);
}

describe.each(['start', 'stack', 'token'] as const)('npm run %s', (name) => {
  test('explains itself on --help', async () => {
    expect(await runCommand(name, '--help').ended).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Usage: npm/),
    });
  });

  test('does not start with what it does not know', async () => {
    expect(await runCommand(name, '--colour').ended).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/--colour.*See --help\.\n$/s),
    });
  });
});

describe('npm start', () => {
  test(
    'prints one line when the broker serves, and SIGINT and its echo end all of it',
    async () => {
      const command = runCommand('start', '--json', '--port', '0');
      const printed = readReady(await command.firstLine);
      const { ready, control } = printed;
      expect((await ask(control)).body).toEqual(ready);
      const token = await runCommand('token', 'billing', '--control', control).ended;
      const { status, body } = await ask(`${String(ready['broker'])}/v1/headers/payments`, {
        headers: { Authorization: `Bearer ${token.stdout.trim()}` },
      });
      expect([status, body['api']]).toEqual([200, 'payments']);
      command.signal('SIGINT');
      command.signal('SIGINT');
      const { code, stdout } = await command.ended;
      expect({ code, lines: stdout.split('\n').length - 1 }).toEqual({ code: 0, lines: 1 });
      await expectNothingLeft(printed);
    },
    patient,
  );

  test(
    'signs people in to the dashboard as the platform does, each with their own roles',
    async () => {
      const command = runCommand('start', '--json', '--port', '0');
      const { ready } = readReady(await command.firstLine);
      const get = (path: string, headers: Record<string, string> = {}) =>
        fetch(`${String(ready['broker'])}${path}`, { redirect: 'manual', headers });
      const signIn = async (name: string) => {
        const { headers } = await get(`/.auth/login/aad?as=${name}&post_login_redirect_uri=/dashboard`);
        return { cookie: headers.get('set-cookie')?.split(';')[0] ?? '' };
      };
      const unknown = await get('/dashboard');
      expect([unknown.status, unknown.headers.get('location')]).toEqual([
        302,
        '/.auth/login/aad?post_login_redirect_uri=/dashboard',
      ]);
      const forged = Buffer.from('{"auth_typ":"aad","claims":[{"typ":"roles","val":"Operations.Write"}]}');
      expect((await get('/v1/status', { 'x-ms-client-principal': forged.toString('base64') })).status).toBe(401);
      expect((await get('/dashboard', await signIn('stranger'))).status).toBe(403);
      for (const [name, mayWrite] of Object.entries({ platform: true, auditor: false })) {
        const session = await signIn(name);
        expect((await get('/dashboard', session)).status).toBe(200);
        expect(await (await get('/v1/status', session)).json()).toMatchObject({ operator: { mayWrite } });
      }
      command.signal('SIGINT');
      expect((await command.ended).code).toBe(0);
    },
    patient,
  );

  test(
    'lives on when nobody reads what it prints',
    async () => {
      const command = runCommand('start', '--json', '--port', '0');
      const printed = readReady(await command.firstLine);
      command.closeOutput();
      expect((await ask(`${String(printed.ready['broker'])}/healthz`)).status).toBe(200);
      command.signal('SIGTERM');
      expect((await command.ended).code).toBe(0);
      await expectNothingLeft(printed);
    },
    patient,
  );

  test('ends with one sentence when its port is in use', async () => {
    const stack = await createStack({ ports: { control: 0, gateways: [0, 0] }, storage: false });
    const { port } = new URL(stack.ready().control);
    expect(await runCommand('start', '--port', port).ended).toEqual({
      code: 1,
      stdout: '',
      stderr: `Port ${port} is in use. Name another one, or end what listens there.\n`,
    });
    await stack.close();
  });

  test.each(['65536', 'http'])('does not take %j for a port', async (port) => {
    const { code, stderr } = await runCommand('start', `--port=${port}`).ended;
    expect({ code, stderr }).toEqual({ code: 2, stderr: '--port takes a number from 0 to 65535. See --help.\n' });
  });
});

describe('npm run stack', () => {
  let directory = '';
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'stack-command-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  test(
    'writes the settings of a Functions host, and SIGTERM removes them with all the rest',
    async () => {
      const file = join(directory, 'local.settings.json');
      const command = runCommand('stack', '--json', '--settings', file);
      const printed = readReady(await command.firstLine);
      expect(printed.ready).not.toHaveProperty('broker');
      const { Values: values } = JSON.parse(readFileSync(file, 'utf8'));
      expect(values).toMatchObject({ FUNCTIONS_WORKER_RUNTIME: 'node', KEY_VAULT_URL: printed.ready['vault'] });
      const [, blobs = ''] = /BlobEndpoint=([^;]+);/.exec(values.AzureWebJobsStorage) ?? [];
      expect(await isOpen(blobs)).toBe(true);
      command.signal('SIGTERM');
      expect((await command.ended).code).toBe(0);
      await expectNothingLeft({ ...printed, urls: [...printed.urls, blobs] });
      expect(existsSync(file)).toBe(false);
    },
    patient,
  );

  test('does not touch settings that somebody else wrote', async () => {
    const file = join(directory, 'local.settings.json');
    writeFileSync(file, '{}');
    const { code, stdout, stderr } = await runCommand('stack', '--settings', file).ended;
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^local\.settings\.json exists, and npm run stack did not write it\. .*\n$/);
    expect(readFileSync(file, 'utf8')).toBe('{}');
  });
});

describe('npm run token', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await createStack({ ports: { control: 0, gateways: [0, 0] }, storage: false });
  });
  afterAll(() => stack.close());

  test('prints a caller’s token and nothing else', async () => {
    const { code, stdout, stderr } = await runCommand('token', 'billing', '--control', stack.ready().control).ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.split('\n')).toHaveLength(2);
    expect(decodeJwt(stdout.trim()).azp).toBe(callers['billing']?.clientId);
  });

  test('says which callers there are when it does not know one', async () => {
    const { code, stdout, stderr } = await runCommand('token', 'bilging', '--control', stack.ready().control).ended;
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/billing, reporting/);
  });

  test('says what to do when no stack runs there', async () => {
    const closed = await createStack({ ports: { control: 0, gateways: [0, 0] }, storage: false });
    const { control } = closed.ready();
    await closed.close();
    expect(await runCommand('token', 'billing', '--control', control).ended).toEqual({
      code: 1,
      stdout: '',
      stderr: `No local stack answers at ${control}. Start one with npm start, or name its control address with --control.\n`,
    });
  });

  test.each([[[]], [['billing', 'reporting']], [['billing', '--control', 'here']]])(
    'does not take %j',
    async (args) => {
      expect(await runCommand('token', ...args).ended).toMatchObject({ code: 2, stdout: '' });
    },
  );
});
