import { expect, test } from '@jest/globals';
import { toFindings } from '../../../shared/broker-doctor.ts';
import { loadConfig } from '../../../shared/config/load.ts';
import { ConfigError } from '../../../shared/config/problem.ts';

const errorOf = (environment: Record<string, string>): ConfigError => {
  try {
    loadConfig(environment);
  } catch (error) {
    if (error instanceof ConfigError) return error;
  }
  throw new TypeError('The configuration was loaded.');
};

test('each problem of the settings and of the file is a fault of its own, and the rest is skipped', () => {
  const error = errorOf({ BROKER_CONFIG: 'broker.config.sample.json', AZURE_CLIENT_ID: 'CANARY0' });
  const findings = toFindings(error);
  expect(findings.map(({ check, subject, verdict, cause }) => [check, subject, verdict, cause])).toEqual([
    ['settings', 'KEY_VAULT_URL', 'fault', 'invalid-setting'],
    ['settings', 'ROTATION_SCHEDULE', 'fault', 'invalid-setting'],
    ['settings', 'AZURE_CLIENT_ID', 'fault', 'invalid-setting'],
    ['identity', 'everything else', 'skipped', null],
  ]);
  expect(findings[0]).toMatchObject({
    detail: 'KEY_VAULT_URL is missing.',
    remedy: expect.stringContaining('https://my-vault.vault.azure.net'),
  });
  expect(JSON.stringify(findings)).not.toContain('CANARY');
});

test('a problem of the file is the file’s', () => {
  const error = new ConfigError('broker.config.json', [
    { path: 'apis.core.subscription', problem: 'names what "subscriptions" does not have', remedy: 'Add it there.' },
  ]);
  expect(toFindings(error)[0]).toEqual({
    check: 'config',
    subject: 'apis.core.subscription',
    verdict: 'fault',
    cause: 'invalid-config',
    detail: 'apis.core.subscription names what "subscriptions" does not have.',
    remedy: 'Add it there.',
  });
});
