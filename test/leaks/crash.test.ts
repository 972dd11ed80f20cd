import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { findCanaries } from '../../scripts/canaries.ts';

const root = join(__dirname, '../..');
const secret = 'CANARY0123456789abcdef';

/** Every app setting of the broker and every variable of the platform that can hold a secret. */
const environment = {
  IDENTITY_HEADER: secret,
  AzureWebJobsStorage: `AccountKey=${Buffer.from(secret).toString('base64')}`,
  APPLICATIONINSIGHTS_CONNECTION_STRING: secret,
  BROKER_CONFIG: 'no-such-file.json',
};

let folder: string;
let printed: string;
let reports: readonly string[];

/** Starts a broker, and has its worker end by an error that nobody catches, with a report. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'broker-report-'));
  const program = `
    const { broker } = await import('./shared/broker.ts');
    const { BrokerError } = await import('./shared/errors.ts');
    const { Secret } = await import('./shared/secret.ts');
    if (process.env.STARTED !== 'no') broker();
    const error = new BrokerError('vault-unavailable', { cause: new Error('the cause') });
    throw Object.assign(error, { secret: new Secret(process.env.IDENTITY_HEADER) });`;
  const run = (started: string) => {
    mkdirSync(join(folder, started));
    return spawnSync(
      process.execPath,
      [
        '--report-uncaught-exception',
        `--report-directory=${join(folder, started)}`,
        '--input-type=module',
        '--eval',
        program,
      ],
      { cwd: root, encoding: 'utf8', env: { ...process.env, ...environment, STARTED: started } },
    );
  };
  const { stdout, stderr } = run('yes');
  printed = stdout + stderr;
  run('no');
  reports = ['yes', 'no'].flatMap((started) => {
    const [file = ''] = readdirSync(join(folder, started));
    return [readFileSync(join(folder, started, file), 'utf8')];
  });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('what a worker prints that ends by an error which nobody catches tells nothing of its secrets', () => {
  expect(printed).toContain('vault-unavailable');
  expect(printed).toContain('the cause');
  expect(findCanaries(printed)).toEqual([]);
});

test('a diagnostic report of it leaves the environment out', () => {
  expect(reports[0]).toContain('vault-unavailable');
  expect(findCanaries(reports[0] ?? '')).toEqual([]);
});

test('a report of a process that is no broker has it, so that the test above can fail', () => {
  expect(findCanaries(reports[1] ?? '')).not.toEqual([]);
});
