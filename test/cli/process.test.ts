import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { createAuthority } from '../../local/stand-ins/certificates.ts';
import { status } from './samples.ts';
import { canaryToken, startScriptedBroker, startScriptedStack, type ScriptedBroker } from './scripted-broker.ts';
import { endSpawned, spawnCli } from './spawned.ts';

/** Each command is a process, which takes its time on a busy machine. */
jest.setTimeout(120_000);

let broker: ScriptedBroker;
let stack: ScriptedBroker;
let directory: string;
beforeAll(async () => {
  broker = await startScriptedBroker();
  stack = await startScriptedStack(broker.url);
  directory = mkdtempSync(join(tmpdir(), 'cli-process-'));
});
afterAll(async () => {
  rmSync(directory, { recursive: true });
  await Promise.all([broker.close(), stack.close()]);
});
beforeEach(() => {
  broker.heard.length = 0;
  broker.answer('/v1/status', { body: status });
});
afterEach(endSpawned);

const local = () => ['--control', stack.url];

describe('the process', () => {
  test('prints what was asked for on stdout, nothing on stderr, and ends by itself', async () => {
    const { code, stdout, stderr } = await spawnCli(['status', ...local()]).ended;
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^All is well\.\n/);
    expect(stdout).not.toContain('\x1b');
  });

  test('ends with the code of its failure', async () => {
    expect(await spawnCli(['stauts']).ended).toMatchObject({ code: 2, stdout: '' });
  });

  test('that nobody can be asked in changes nothing without --yes', async () => {
    const args = ['rotation', 'pause', 'okq8-payments', '--reason', 'x', ...local()];
    expect(await spawnCli(args).ended).toMatchObject({ code: 2, stderr: expect.stringMatching(/Say --yes/) });
    expect(broker.heard).toEqual([]);
  });

  test('that watches ends with 0 on Ctrl-C, though npm passes it on again', async () => {
    const watching = spawnCli(['status', '--watch', ...local()]);
    await watching.printed('All is well.');
    watching.child.kill('SIGINT');
    watching.child.kill('SIGINT');
    expect(await watching.ended).toMatchObject({ code: 0, stderr: '' });
  });

  test('that waits for an answer ends with 130 on Ctrl-C, without a word', async () => {
    const asked = new Promise<void>((resolve) => broker.answer('/v1/status', () => resolve()));
    const waiting = spawnCli(['status', ...local()]);
    await asked;
    waiting.child.kill('SIGINT');
    expect(await waiting.ended).toEqual({ code: 130, stdout: '', stderr: '' });
  });

  test('ends without an error when its reader leaves', async () => {
    const watching = spawnCli(['status', '--watch', '--json', ...local()]);
    await watching.printed('\n');
    watching.child.stdout?.destroy();
    expect(await watching.ended).toMatchObject({ code: 0, stderr: '' });
  });

  test('trusts the authority that NODE_EXTRA_CA_CERTS names', async () => {
    const authority = await createAuthority();
    const tls = await startScriptedBroker(await authority.issue(['127.0.0.1']));
    tls.answer('/v1/status', { body: status });
    const ca = join(directory, 'ca.pem');
    writeFileSync(ca, authority.caPem);
    const args = ['status', '--url', tls.url, '--control', stack.url, '--auth', 'local'];
    expect((await spawnCli(args, { NODE_EXTRA_CA_CERTS: ca }).ended).code).toBe(0);
    expect((await spawnCli(args).ended).code).toBe(3);
    await tls.close();
  });
});

describe('signing in by the Azure CLI', () => {
  /** An `az` that prints what a test says. */
  const withAz = (script: string) => {
    const folder = mkdtempSync(join(directory, 'az-'));
    writeFileSync(join(folder, 'az'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return { PATH: `${folder}:/usr/bin:/bin` };
  };
  const args = () => ['status', '--url', broker.url, '--auth', 'cli', '--audience', 'api://token-broker/.default'];
  const token = `{"accessToken":"${canaryToken}","expires_on":4102444800,"tokenType":"Bearer"}`;

  test('asks for a token for the audience, and sends it', async () => {
    const az = `case "$*" in *"--resource api://token-broker"*) echo '${token}';; *) exit 1;; esac`;
    const { code, stdout } = await spawnCli(args(), withAz(az)).ended;
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^All is well/)]);
    expect(broker.heard[0]?.headers.authorization).toBe(`Bearer ${canaryToken}`);
  });

  test('names the tenant that was named', async () => {
    const tenant = 'dd678e43-6018-482d-b0e6-ae9c7931c05c';
    const az = `case "$*" in *"--tenant ${tenant}"*) echo '${token}';; *) exit 1;; esac`;
    expect((await spawnCli([...args(), '--tenant', tenant], withAz(az)).ended).code).toBe(0);
  });

  test.each<[string, string, RegExp]>([
    [
      'is not signed in',
      `echo "Please run 'az login' to setup account." >&2; exit 1`,
      /not signed in\.\n {2}az login --scope api:\/\/token-broker\/\.default/,
    ],
    [
      'may not ask for the broker',
      `echo "ERROR: AADSTS65001: The user or administrator has not consented" >&2; exit 1`,
      /AADSTS65001[^]*authorise the client 04b07795/,
    ],
    [
      'does not know the audience',
      `echo "ERROR: AADSTS500011: The resource principal named x" >&2; exit 1`,
      /AADSTS500011[^]*correct --audience/,
    ],
    ['prints what is no JSON, with a token in it', `echo "${canaryToken}"`, /gave no token/],
    ['fails with a token in its error', `echo "${canaryToken}" >&2; exit 1`, /gave no token/],
  ])('that %s ends with 3 and says what to do', async (_, az, told) => {
    const { code, stdout, stderr } = await spawnCli(args(), withAz(az)).ended;
    expect([code, stdout]).toEqual([3, '']);
    expect(stderr).toMatch(told);
    expect(stderr).not.toContain(canaryToken);
  });

  test('that is not installed ends with 3 and says so', async () => {
    const { code, stderr } = await spawnCli(args(), { PATH: directory }).ended;
    expect([code, stderr]).toEqual([3, expect.stringMatching(/not installed/)]);
  });
});

describe('signing in by the managed identity', () => {
  const args = () => [
    'status',
    '--url',
    broker.url,
    '--control',
    'http://127.0.0.1:1',
    '--audience',
    '722f6da4-caac-48a7-926c-bf5c829eedae',
  ];
  const environment = () => ({ IDENTITY_ENDPOINT: `${broker.url}/msi/token`, IDENTITY_HEADER: 'CANARYheader' });
  const auth = ['--auth', 'managed-identity'];

  test('asks its endpoint for a token for the audience, and sends it', async () => {
    const body = { access_token: canaryToken, expires_on: '4102444800', resource: 'x', token_type: 'Bearer' };
    broker.answer('/msi/token', { body });
    const { code, stderr } = await spawnCli([...args(), ...auth], environment()).ended;
    expect([code, stderr]).toEqual([0, '']);
    const [asked, sent] = broker.heard;
    expect(asked?.url).toContain('resource=722f6da4-caac-48a7-926c-bf5c829eedae');
    expect(sent?.headers.authorization).toBe(`Bearer ${canaryToken}`);
  });

  test('that gives none ends with 3 and says what to look at', async () => {
    broker.answer('/msi/token', { status: 400, body: { statusCode: 400, message: 'No identity CANARYtext' } });
    const { code, stderr } = await spawnCli([...args(), ...auth], environment()).ended;
    expect([code, stderr]).toEqual([3, expect.stringMatching(/managed identity gave no token[^]*AZURE_CLIENT_ID/)]);
    expect(stderr).not.toContain('CANARY');
  });
});
