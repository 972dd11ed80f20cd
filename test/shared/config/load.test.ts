import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { loadConfig, loadStart } from '../../../shared/config/load.ts';
import { ConfigError } from '../../../shared/config/problem.ts';
import { fullFile, leastFile, withValue } from './file.ts';

const required = { KEY_VAULT_URL: 'https://v.vault.azure.net', ROTATION_SCHEDULE: '0 * * * * *' };
let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'broker-config-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const write = (name: string, file: object) => {
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify(file));
  return path;
};

function errorOf(environment: Record<string, string>): ConfigError {
  try {
    loadConfig(environment);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('It loaded.');
}

const pathsOf = (environment: Record<string, string>) => errorOf(environment).problems.map(({ path }) => path);

describe('the configuration', () => {
  test('is what the settings and the file that they name say', () => {
    const { settings, config } = loadConfig({ ...required, BROKER_CONFIG: write('mine.json', leastFile()) });
    expect(settings.keyVaultUrl).toBe('https://v.vault.azure.net');
    expect(config.apis.map(({ name }) => name)).toEqual(['core']);
  });

  test('is looked up from the app’s folder, under its default name', () => {
    write('broker.config.json', leastFile());
    expect(loadConfig({ ...required, AzureWebJobsScriptRoot: folder }).config.apis).toHaveLength(1);
  });

  test('is looked up from the app’s folder under a relative name', () => {
    write('other.json', leastFile());
    const environment = { ...required, AzureWebJobsScriptRoot: folder, BROKER_CONFIG: './other.json' };
    expect(loadConfig(environment).config.apis).toHaveLength(1);
  });

  test('has the problems of the settings and of the file reported together', () => {
    const file = write('mine.json', withValue(leastFile(), 'broker.audience', ''));
    expect(pathsOf({ ROTATION_SCHEDULE: 'never', BROKER_CONFIG: file })).toEqual([
      'KEY_VAULT_URL',
      'ROTATION_SCHEDULE',
      'broker.audience',
    ]);
  });

  test('has the problems of the settings reported when the file is right', () => {
    const file = write('mine.json', leastFile());
    expect(pathsOf({ BROKER_CONFIG: file })).toEqual(['KEY_VAULT_URL', 'ROTATION_SCHEDULE']);
  });

  test('has the problems of the file reported when the settings are right', () => {
    const file = write('mine.json', withValue(leastFile(), 'broker.audience', ''));
    expect(pathsOf({ ...required, BROKER_CONFIG: file })).toEqual(['broker.audience']);
  });

  test('has the file called what the setting calls it', () => {
    writeFileSync(join(folder, 'other.json'), '{}');
    const error = errorOf({ ...required, AzureWebJobsScriptRoot: folder, BROKER_CONFIG: 'other.json' });
    expect(error.message).toMatch(/^other\.json has \d+ problems:/);
  });

  describe('with a subscription that is rotated', () => {
    const storage = { TABLE_SERVICE_URL: 'https://x.table.core.windows.net' };

    test('needs the storage for its records, and says how to set it', () => {
      const error = errorOf({ ...required, BROKER_CONFIG: write('mine.json', fullFile()) });
      expect(error.message).toMatch(/^The set of app settings has 1 problem:/);
      expect(error.problems).toEqual([
        {
          path: 'TABLE_SERVICE_URL',
          problem: 'is missing, and the configuration has subscriptions that are rotated',
          remedy: expect.stringMatching(/^Set it to an https URL such as https:\/\/myaccount\.table\./),
        },
      ]);
    });

    test('needs it while the rotation is paused, too', () => {
      const paused = withValue(fullFile(), 'subscriptions.okq8-payments.rotation.paused', true);
      expect(pathsOf({ ...required, BROKER_CONFIG: write('mine.json', paused) })).toEqual(['TABLE_SERVICE_URL']);
    });

    test('is loaded with it', () => {
      const { settings } = loadConfig({ ...required, ...storage, BROKER_CONFIG: write('mine.json', fullFile()) });
      expect(settings.tableServiceUrl).toBe('https://x.table.core.windows.net');
    });

    test('has the missing storage reported together with the other settings', () => {
      const file = write('mine.json', fullFile());
      expect(pathsOf({ BROKER_CONFIG: file })).toEqual(['KEY_VAULT_URL', 'ROTATION_SCHEDULE', 'TABLE_SERVICE_URL']);
    });

    test('has a storage that is wrong reported once', () => {
      const environment = { ...required, TABLE_SERVICE_URL: '', BROKER_CONFIG: write('mine.json', fullFile()) };
      expect(pathsOf(environment)).toEqual(['TABLE_SERVICE_URL']);
    });
  });

  describe('with its audit trail in a table', () => {
    const inTable = (file: object) => withValue(file, 'broker.audit', { sink: 'table' });

    test('needs the storage for it, and says why', () => {
      const error = errorOf({ ...required, BROKER_CONFIG: write('mine.json', inTable(leastFile())) });
      expect(error.problems).toEqual([
        expect.objectContaining({
          path: 'TABLE_SERVICE_URL',
          problem: 'is missing, and the configuration has an audit trail in a table',
        }),
      ]);
    });

    test('and a rotation is told both reasons at once', () => {
      const error = errorOf({ ...required, BROKER_CONFIG: write('mine.json', inTable(fullFile())) });
      expect(error.problems.map(({ problem }) => problem)).toEqual([
        'is missing, and the configuration has subscriptions that are rotated, and an audit trail in a table',
      ]);
    });
  });

  test('without either needs no storage', () => {
    const file = withValue(fullFile(), 'subscriptions.okq8-payments.rotation', undefined);
    const { settings } = loadConfig({ ...required, BROKER_CONFIG: write('mine.json', file) });
    expect(settings.tableServiceUrl).toBeUndefined();
  });

  // In a process of its own: under Jest the errors of `node:fs` are of another realm, and no `Error` of ours.
  test.each([
    ['is not there', 'nothing.json', 'ENOENT'],
    ['is a folder', '.', 'EISDIR'],
  ])('that %s is a problem of BROKER_CONFIG, with its cause and a remedy', (_what, name, code) => {
    const module = pathToFileURL(join(import.meta.dirname, '../../../shared/config/load.ts')).href;
    const script = `import(${JSON.stringify(module)}).then(({ loadConfig }) => loadConfig()).catch((error) => console.log(JSON.stringify(error.problems)))`;
    const env = { ...required, BROKER_CONFIG: join(folder, name) };
    expect(JSON.parse(execFileSync(process.execPath, ['-e', script], { env, encoding: 'utf8' }))).toEqual([
      {
        path: 'BROKER_CONFIG',
        problem: `names a file that cannot be read: ${join(folder, name)} (${code})`,
        remedy: expect.stringMatching(/path/),
      },
    ]);
  });

  test('that cannot be read is reported together with the settings', () => {
    expect(pathsOf({ BROKER_CONFIG: join(folder, 'nothing.json') })).toEqual([
      'KEY_VAULT_URL',
      'ROTATION_SCHEDULE',
      'BROKER_CONFIG',
    ]);
  });
});

describe('the start', () => {
  const blobUrl = 'https://x.blob.core.windows.net/config/broker.json';
  const startOf = (environment: Record<string, string>) => {
    const told = loadStart({ ...required, BROKER_CONFIG: blobUrl, ...environment });
    if ('config' in told) throw new TypeError('It has a configuration.');
    return told;
  };
  const problemsOf = (read: () => unknown) => {
    try {
      return read();
    } catch (error) {
      if (error instanceof ConfigError) return error.problems.map(({ path }) => path);
      throw error;
    }
  };

  test('with a file is what the file says, and which text that was', () => {
    const told = loadStart({ ...required, BROKER_CONFIG: write('mine.json', leastFile()) });
    expect(told).toMatchObject({ version: expect.stringMatching(/^[\w-]{12}$/), config: { apis: [{ name: 'core' }] } });
  });

  test('with a blob is what the settings say, and where the blob is', () => {
    const { settings, blobUrl: url } = startOf({});
    expect([settings.keyVaultUrl, settings.configBlobUrl, url]).toEqual([
      'https://v.vault.azure.net',
      blobUrl,
      blobUrl,
    ]);
  });

  test('with a blob has the problems of the settings reported at once', () => {
    const environment = { BROKER_CONFIG: `${blobUrl}?sig=CANARY`, ROTATION_SCHEDULE: 'never' };
    expect(problemsOf(() => loadStart(environment))).toEqual(['KEY_VAULT_URL', 'BROKER_CONFIG', 'ROTATION_SCHEDULE']);
  });

  test('with a blob can tell whether a text is a configuration, and names it', () => {
    const { validate } = startOf({});
    const text = JSON.stringify(leastFile());
    expect(validate(text).config.apis).toHaveLength(1);
    expect(validate(text).version).toBe(validate(text).version);
    expect(validate(`${text} `).version).not.toBe(validate(text).version);
    expect(problemsOf(() => validate('{}'))).toEqual(expect.arrayContaining(['broker', 'apis']));
  });

  test('with a blob needs the storage where the text has a rotation', () => {
    const text = JSON.stringify(fullFile());
    expect(problemsOf(() => startOf({}).validate(text))).toEqual(['TABLE_SERVICE_URL']);
    const storage = { TABLE_SERVICE_URL: 'https://x.table.core.windows.net' };
    expect(startOf(storage).validate(text).config.subscriptions.length).toBeGreaterThan(0);
  });
});
