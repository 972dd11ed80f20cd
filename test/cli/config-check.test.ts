import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { cli } from './cli.ts';

const sample = join(import.meta.dirname, '../../broker.config.sample.json');
const broken =
  '{ "broker": { "tenantId": "here" }, "apis": {}, "subscriptions": {}, "clients": {}, "callers": {}, "extra": 1 }';

test('broker config check says what a valid file holds', async () => {
  expect(await cli(['config', 'check', sample])).toEqual({
    code: 0,
    stdout: 'Valid: 2 APIs, 2 subscriptions, 1 client, 1 caller.\n',
    stderr: '',
  });
});

test('takes the standard input, and JSON for programs', async () => {
  const { code, stdout } = await cli(['config', 'check', '-', '--json'], { input: readFileSync(sample, 'utf8') });
  expect([code, JSON.parse(stdout)]).toEqual([0, { file: '-', valid: true, problems: [] }]);
});

test('tells every problem at once, each with its path and what to do, and ends with 1', async () => {
  const { code, stdout } = await cli(['config', 'check', '-'], { input: broken });
  expect(code).toBe(1);
  expect(stdout).toMatch(/^Not valid: \d+ problems in -\.\n/);
  for (const told of [
    /^ {2}broker\.tenantId is not valid\n {4}Write a GUID/m,
    /^ {2}broker\.audience is missing\n {4}\w/m,
    /^ {2}extra is not a member/m,
  ]) {
    expect(stdout).toMatch(told);
  }
  const asJson = await cli(['config', 'check', '-', '--json'], { input: broken });
  expect(JSON.parse(asJson.stdout)).toMatchObject({
    valid: false,
    problems: expect.arrayContaining([{ path: 'broker.audience', problem: 'is missing', remedy: expect.any(String) }]),
  });
});

test('tells where text is no JSON', async () => {
  const { code, stdout } = await cli(['config', 'check', '-'], { input: '{\n  "broker": nothing' });
  expect([code, stdout]).toEqual([1, expect.stringMatching(/1 problem in -\.\n {2}line 2, column 13 is not JSON/)]);
});
