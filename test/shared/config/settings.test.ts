import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { ConfigError } from '../../../shared/config/problem.ts';
import { readSettings, settingsTable, type SettingName } from '../../../shared/config/settings.ts';

const root = join(import.meta.dirname, '../../..');
const required = { KEY_VAULT_URL: 'https://v.vault.azure.net', ROTATION_SCHEDULE: '0 * * * * *' };
const clientId = '0b9c7a54-2f1d-4e3b-8c6a-5d4e3f2a1b0c';

type Row = { readonly right: readonly string[]; readonly wrong: readonly string[]; readonly mayBeAbsent: boolean };

const urls = {
  right: ['https://x.example.com', 'https://127.0.0.1:8443/'],
  wrong: [
    '',
    ' ',
    'x.example.com',
    'http://x.example.com',
    'https://u:p@x.example.com',
    'https://x.example.com?a=b',
    'http://127.0.0.1:8443',
    'https://x.example.com/common',
  ],
};
const rows: Readonly<Record<SettingName, Row>> = {
  KEY_VAULT_URL: { ...urls, mayBeAbsent: false },
  BROKER_CONFIG: {
    right: [
      'broker.config.json',
      '../config/broker.json',
      '/etc/broker.json',
      'C:\\broker.json',
      'https://x.blob.core.windows.net/config/broker.json',
    ],
    wrong: [
      '',
      ' ',
      'a\0b',
      'https://x.blob.core.windows.net/config/broker.json?sv=1&sig=x',
      'http://x.blob.core.windows.net/config/broker.json',
    ],
    mayBeAbsent: true,
  },
  ROTATION_SCHEDULE: {
    right: ['0 * * * * *', '0 */5 * * * *', '30 0 3 * * 1-5', '0  0 3 * * MON'],
    wrong: ['', '* * * * *', '0 * * * * * *', '00:01:00', ' 0 * * * * *', '? ! * * * *'],
    mayBeAbsent: false,
  },
  AZURE_AUTHORITY_HOST: { ...urls, mayBeAbsent: true },
  AZURE_RESOURCE_MANAGER_URL: { ...urls, mayBeAbsent: true },
  AZURE_RESOURCE_MANAGER_AUDIENCE: { ...urls, mayBeAbsent: true },
  TABLE_SERVICE_URL: {
    right: ['https://x.table.core.windows.net', 'https://127.0.0.1:10002/devstoreaccount1'],
    wrong: [
      '',
      'http://127.0.0.1:10002/devstoreaccount1',
      'https://x.table.core.windows.net?sv=1',
      'DefaultEndpointsProtocol=https',
    ],
    mayBeAbsent: true,
  },
  KEY_VAULT_CHALLENGE_VERIFICATION: {
    right: ['on', 'off'],
    wrong: ['', 'ON', 'true', 'yes', '0', 'on '],
    mayBeAbsent: true,
  },
  AZURE_CLIENT_ID: {
    right: [clientId, clientId.toUpperCase()],
    wrong: ['', 'x', `{${clientId}}`, ` ${clientId}`],
    mayBeAbsent: true,
  },
  WEBSITE_AUTH_ENABLED: { right: ['True', 'False', '', '1', 'something new'], wrong: [], mayBeAbsent: true },
};

/** Few deployments need them, and none has a value that an example could show. */
const notInSample = new Set(['AZURE_RESOURCE_MANAGER_AUDIENCE', 'AZURE_CLIENT_ID', 'WEBSITE_AUTH_ENABLED']);

type Environment = Record<string, string | undefined>;

function problemsOf(environment: Environment) {
  try {
    readSettings(environment);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

const valuesOf = (kind: 'right' | 'wrong') =>
  Object.entries(rows).flatMap(([name, row]) => row[kind].map((value) => [name, value] as const));

describe('an app setting', () => {
  test('has a row here', () => {
    expect(Object.keys(rows).toSorted()).toEqual(Object.keys(settingsTable).toSorted());
  });

  test.each(valuesOf('right'))('%s may be %j', (name, value) => {
    expect(problemsOf({ ...required, [name]: value })).toEqual([]);
  });

  test.each(valuesOf('wrong'))('%s may not be %j, and the problem says what to set it to', (name, value) => {
    expect(problemsOf({ ...required, [name]: value })).toEqual([
      { path: name, problem: 'is not valid', remedy: expect.stringMatching(/^Set it to /) },
    ]);
  });

  test.each(Object.entries(rows))('%s is asked for only where it has no default', (name, { mayBeAbsent }) => {
    const missing = { path: name, problem: 'is missing', remedy: expect.stringMatching(/^Set it to /) };
    expect(problemsOf({ ...required, [name]: undefined })).toEqual(mayBeAbsent ? [] : [missing]);
  });

  test.each(Object.keys(rows))('%s is listed in docs/config.md', (name) => {
    expect(readFileSync(join(root, 'docs/config.md'), 'utf8')).toContain(`| \`${name}\``);
  });

  test.each(Object.keys(rows))('%s stands in local.settings.sample.json unless few need it', (name) => {
    const sample: unknown = JSON.parse(readFileSync(join(root, 'local.settings.sample.json'), 'utf8'));
    expect(sample).toHaveProperty('Values');
    const values = Reflect.get(Object(sample), 'Values');
    expect(Object.keys(values).includes(name)).toBe(!notInSample.has(name));
    expect(problemsOf({ ...required, [name]: Reflect.get(values, name) })).toEqual([]);
  });
});

describe('the app settings', () => {
  test('have the documented defaults', () => {
    expect(readSettings(required)).toEqual({
      keyVaultUrl: 'https://v.vault.azure.net',
      authorityHost: 'https://login.microsoftonline.com',
      resourceManagerUrl: 'https://management.azure.com',
      resourceManagerAudience: 'https://management.azure.com',
      tableServiceUrl: undefined,
      verifyKeyVaultChallenge: true,
      identityClientId: undefined,
      isSignInOn: false,
    });
  });

  test('are read, with no slash at the end of a URL', () => {
    expect(
      readSettings({
        ...required,
        KEY_VAULT_URL: 'https://v.vault.azure.net/',
        AZURE_AUTHORITY_HOST: 'https://login.microsoftonline.us/',
        AZURE_RESOURCE_MANAGER_URL: 'https://management.usgovcloudapi.net/',
        AZURE_RESOURCE_MANAGER_AUDIENCE: 'https://management.core.usgovcloudapi.net/',
        TABLE_SERVICE_URL: 'https://x.table.core.usgovcloudapi.net/',
        KEY_VAULT_CHALLENGE_VERIFICATION: 'off',
        AZURE_CLIENT_ID: clientId,
      }),
    ).toEqual({
      keyVaultUrl: 'https://v.vault.azure.net',
      authorityHost: 'https://login.microsoftonline.us',
      resourceManagerUrl: 'https://management.usgovcloudapi.net',
      resourceManagerAudience: 'https://management.core.usgovcloudapi.net',
      tableServiceUrl: 'https://x.table.core.usgovcloudapi.net',
      verifyKeyVaultChallenge: false,
      identityClientId: clientId,
      isSignInOn: false,
    });
  });

  test('ask for tokens for Azure Resource Manager where it answers, unless told otherwise', () => {
    const environment = { ...required, AZURE_RESOURCE_MANAGER_URL: 'https://management.chinacloudapi.cn/' };
    expect(readSettings(environment).resourceManagerAudience).toBe('https://management.chinacloudapi.cn');
  });

  test('have the table service with its path, as an emulator has one', () => {
    const environment = { ...required, TABLE_SERVICE_URL: 'https://127.0.0.1:10002/devstoreaccount1/' };
    expect(readSettings(environment).tableServiceUrl).toBe('https://127.0.0.1:10002/devstoreaccount1');
  });

  test('have the host of Entra as it stands in tokens, however it is written', () => {
    const environment = { ...required, AZURE_AUTHORITY_HOST: 'https://Login.MicrosoftOnline.com:443' };
    expect(readSettings(environment).authorityHost).toBe('https://login.microsoftonline.com');
  });

  test('have all their problems reported at once', () => {
    const environment = { AZURE_AUTHORITY_HOST: 'x', KEY_VAULT_CHALLENGE_VERIFICATION: 'maybe', AZURE_CLIENT_ID: 'x' };
    expect(problemsOf(environment).map(({ path }) => path)).toEqual([
      'KEY_VAULT_URL',
      'ROTATION_SCHEDULE',
      'AZURE_AUTHORITY_HOST',
      'KEY_VAULT_CHALLENGE_VERIFICATION',
      'AZURE_CLIENT_ID',
    ]);
  });

  test('have no value repeated in a problem: it may be a secret in the wrong place', () => {
    // A path, and what the platform says, may be any text.
    const names = Object.entries(rows).flatMap(([name, { wrong }]) =>
      wrong.length > 0 && name !== 'BROKER_CONFIG' ? [name] : [],
    );
    const canary = Object.fromEntries(names.map((name) => [name, 'CANARYfeedface']));
    const problems = problemsOf(canary);
    expect(problems).toHaveLength(names.length);
    expect(JSON.stringify(problems)).not.toContain('CANARY');
  });

  test('cannot be changed afterwards', () => {
    expect(Object.isFrozen(readSettings(required))).toBe(true);
  });
});
