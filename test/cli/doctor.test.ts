import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { adopt, chooseIdentity, findSettings } from '../../cli/doctor/settings.ts';
import { cli, createOutside } from './cli.ts';
import { examined } from './samples.ts';
import { startScriptedBroker, startScriptedStack, type ScriptedBroker } from './scripted-broker.ts';

let broker: ScriptedBroker;
let stack: ScriptedBroker;
let directory: string;
beforeAll(async () => {
  broker = await startScriptedBroker();
  stack = await startScriptedStack(broker.url);
});
afterAll(() => Promise.all([broker.close(), stack.close()]));
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'cli-doctor-'));
  broker.heard.length = 0;
});
afterEach(() => rmSync(directory, { recursive: true }));

const write = (name: string, value: object) => {
  const file = join(directory, name);
  writeFileSync(file, JSON.stringify(value));
  return file;
};
const broken = { KEY_VAULT_URL: 'http://CANARYvault', ROTATION_SCHEDULE: '0 * * * * *', BROKER_CONFIG: 'missing.json' };

describe('broker doctor --remote', () => {
  test('lets the broker examine itself, and shows what is not well with what to do', async () => {
    broker.answer('/v1/doctor', { body: examined });
    const { code, stdout } = await cli(['doctor', '--remote', '--control', stack.url]);
    expect(code).toBe(1);
    expect(broker.heard).toMatchObject([{ method: 'POST', url: '/v1/doctor' }]);
    expect(stdout).toBe(`  well     settings      app settings
  fault    secret        okq8-client-secret: missing-secret
                         Key Vault has no secret of that name.
                         Store it.
  skipped  client        okq8
                         It has no secret.

Not well: 1 fault, 0 warnings, 1 well, 1 skipped. Begin with okq8-client-secret: missing-secret.
`);
  });

  test('ends with 0 where there is no fault', async () => {
    broker.answer('/v1/doctor', { body: { ...examined, faults: 0, warnings: 1, findings: [] } });
    const { code, stdout } = await cli(['doctor', '--remote', '--control', stack.url]);
    expect([code, stdout]).toEqual([0, '\nWell so far: 0 faults, 1 warning, 1 well.\n']);
  });

  test('with --json has the broker’s answer alone on stdout', async () => {
    broker.answer('/v1/doctor', { body: examined });
    expect(JSON.parse((await cli(['doctor', '--remote', '--json', '--control', stack.url])).stdout)).toEqual(examined);
  });
});

describe('broker doctor finds the settings', () => {
  const found = async (settings: string | undefined, setting: Parameters<typeof cli>[1], control = stack.url) => {
    const { outside } = createOutside(setting);
    return findSettings({ control, ...(settings !== undefined && { settings }) }, outside);
  };

  test('in the file that is named, as the host writes it or bare; its paths start at its folder', async () => {
    for (const content of [{ IsEncrypted: false, Values: broken }, broken]) {
      const file = write('settings.json', content);
      expect(await found(file, { environment: { KEY_VAULT_URL: 'https://other.example' } })).toEqual({
        source: file,
        values: { AzureWebJobsScriptRoot: directory, ...broken },
      });
    }
  });

  test('in the environment, where the broker runs', async () => {
    const environment = { KEY_VAULT_URL: 'https://vault.example' };
    expect(await found(undefined, { environment })).toEqual({ source: 'the environment', values: environment });
  });

  test('of the local stack', async () => {
    stack.answer('/settings', { body: broken });
    expect(await found(undefined, {})).toEqual({ source: 'the local stack', values: broken, isOfStack: true });
  });

  test('and becomes what they make of the broker: its identity, and whom it trusts', () => {
    const environment: Record<string, string> = {};
    const { outside } = createOutside({ environment });
    const values = { IDENTITY_ENDPOINT: 'http://127.0.0.1:1/msi', IDENTITY_HEADER: 'CANARYheader', OTHER: 'x' };
    adopt({ source: 'x', values }, outside);
    expect(environment).toEqual({
      IDENTITY_ENDPOINT: values.IDENTITY_ENDPOINT,
      IDENTITY_HEADER: values.IDENTITY_HEADER,
    });
    expect(chooseIdentity({}, { source: 'x', values })).toBe('managed-identity');
    expect(chooseIdentity({ auth: 'cli' }, { source: 'x', values })).toBe('cli');
    expect(chooseIdentity({}, { source: 'x', values: {} })).toBe('cli');
  });
});

describe('settings of whatever answers as the local stack', () => {
  const stacks = (values: Record<string, string>) => ({ source: 'the local stack', values, isOfStack: true }) as const;
  const own = { IDENTITY_ENDPOINT: 'http://127.0.0.1:1/msi', IDENTITY_HEADER: 'CANARYheader' };

  test('are looked at with its own tokens', () => {
    expect(chooseIdentity({}, stacks(own))).toBe('managed-identity');
    expect(chooseIdentity({ auth: 'managed-identity' }, stacks(own))).toBe('managed-identity');
  });

  test.each([
    ['it gives none', undefined, {}],
    ['it gives none, and this machine’s are asked for', 'managed-identity', {}],
    ['it names an address of another machine', undefined, { ...own, IDENTITY_ENDPOINT: 'http://192.0.2.1/msi' }],
    ['it names no address', undefined, { ...own, IDENTITY_ENDPOINT: 'msi' }],
    ['it has half of what a library takes for an identity', undefined, { IDENTITY_ENDPOINT: own.IDENTITY_ENDPOINT }],
    ['the Azure CLI’s are asked for', 'cli', own],
  ])('are not with anybody else’s where %s', (_why, auth, values) => {
    const choose = () => chooseIdentity({ ...(auth !== undefined && { auth }) }, stacks(values));
    expect(choose).toThrow(expect.objectContaining({ exitCode: 2 }));
  });

  test('get no token of whoever types the command', async () => {
    stack.answer('/settings', { body: { ...broken, KEY_VAULT_URL: broker.url.replace('http:', 'https:') } });
    const { code, stderr } = await cli(['doctor', '--control', stack.url]);
    expect([code, stderr]).toEqual([2, expect.stringContaining('no tokens of its own')]);
    expect(broker.heard).toEqual([]);
  });
});

describe('settings that cannot be loaded', () => {
  test('are faults like any other, each with its place, and none of them quoted', async () => {
    const file = write('settings.json', { Values: broken });
    const { code, stdout, stderr } = await cli(['doctor', '--settings', file]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^ {2}fault {4}settings {6}KEY_VAULT_URL: invalid-setting$/m);
    expect(stdout).toMatch(/^ {2}fault {4}settings {6}BROKER_CONFIG: invalid-setting$/m);
    expect(stdout).toMatch(/^Not well: 2 faults/m);
    expect(stdout + stderr).not.toContain('CANARY');
  });

  test('are so as JSON', async () => {
    const file = write('settings.json', { Values: broken });
    const { code, stdout } = await cli(['doctor', '--settings', file, '--json']);
    expect([code, JSON.parse(stdout)]).toMatchObject([1, { faults: 2, warnings: 0, well: 0 }]);
  });
});
