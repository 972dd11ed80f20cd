import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { commands } from '../../cli/commands.ts';
import { exitCodes } from '../../cli/failure.ts';
import { cli } from './cli.ts';

const root = join(import.meta.dirname, '../..');
const names = commands.map(({ name }) => name);

describe('help', () => {
  test('names every command, every global option and every exit code', async () => {
    const { code, stdout, stderr } = await cli(['--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const name of names) expect(stdout).toContain(`  ${name}`);
    for (const option of ['url', 'auth', 'audience', 'local', 'json', 'no-color', 'version']) {
      expect(stdout).toContain(`--${option}`);
    }
    for (const exitCode of Object.keys(exitCodes)) expect(stdout).toMatch(new RegExp(`^  ${exitCode} `, 'm'));
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
  });

  test.each(commands)('explains $name, all that it takes, and how it is called', async ({ name, options, summary }) => {
    const { code, stdout } = await cli([...name.split(' '), '--help']);
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`^Usage: broker ${name}`));
    expect(stdout).toContain(summary);
    for (const option of Object.keys(options)) expect(stdout).toContain(`--${option}`);
    expect(stdout).toContain(`Examples:\n  broker ${name}`);
  });

  test('is had by help, -h and for a group, whatever else stands there', async () => {
    const ofPause = await cli(['rotation', 'pause', '--help']);
    expect(await cli(['help', 'rotation', 'pause'])).toEqual(ofPause);
    expect(await cli(['rotation', 'pause', '-h', '--reason'])).toEqual(ofPause);
    const { code, stdout } = await cli(['rotation', '--help']);
    expect(code).toBe(0);
    expect(stdout).toContain('rotation emergency SUBSCRIPTION');
    expect(stdout).not.toContain('config check');
  });

  test('is what a bare call is answered with, as a mistake', async () => {
    const { code, stdout, stderr } = await cli([]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^Usage: broker COMMAND/);
  });

  test.each(names)('in docs/cli.md has %s', (name) => {
    expect(readFileSync(join(root, 'docs/cli.md'), 'utf8')).toContain(`broker ${name}`);
  });

  test('has the exit codes of docs/cli.md', () => {
    const page = readFileSync(join(root, 'docs/cli.md'), 'utf8');
    const rows = [...page.matchAll(/^\| (\d+) +\| (.*?) *\|$/gm)].map(([, code, meaning]) => [code, meaning]);
    expect(rows).toEqual(Object.entries(exitCodes));
  });
});

test('the version is that of package.json', async () => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  expect(await cli(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
});

describe('what is not understood ends with 2, asks nobody, and says what to do', () => {
  test.each<[string[], RegExp]>([
    [['stauts'], /no command of that name[^]*Did you mean status\?/],
    [['frobnicate'], /no command of that name[^]*There are status, rotation, audit, config, doctor\./],
    [['rotation'], /broker rotation needs one of its commands[^]*There are show, plan, start/],
    [['rotation', 'puase', 'okq8-core'], /Did you mean pause\?/],
    [['help', 'nothing'], /no command of that name/],
    [['status', '--colour'], /Unknown option '--colour'\.\n  See broker status --help/],
    [['status', '--url'], /'--url <value>' argument missing/],
    [['status', 'okq8-core'], /broker status takes options alone/],
    [['rotation', 'show'], /broker rotation show needs SUBSCRIPTION/],
    [['rotation', 'show', 'a', 'b'], /broker rotation show takes SUBSCRIPTION/],
    [['rotation', 'show', '../status'], /SUBSCRIPTION is its name/],
    [['rotation', 'pause', 'okq8-core', '--confirm', 'okq8-core', '--reason', 'x'], /Unknown option '--confirm'/],
    [['rotation', 'pause', 'okq8-core', '--yes'], /Say why with --reason/],
    [['rotation', 'pause', 'okq8-core', '--yes', '--reason', ' '], /--reason takes 1 to 200 characters/],
    [['rotation', 'pause', 'okq8-core', '--yes', '--reason', 'a\nb'], /--reason takes 1 to 200 characters/],
    [['rotation', 'pause', 'okq8-core', '--yes', '--reason', 'x'.repeat(201)], /--reason takes 1 to 200 characters/],
    [['rotation', 'emergency', 'okq8-core', '--yes', '--reason', 'x'], /OUTAGE:[^]*To do it: --confirm okq8-core/],
    [['rotation', 'emergency', 'okq8-core', '--yes', '--reason', 'x', '--confirm', 'okq8'], /OUTAGE:/],
    [['rotation', 'pause', 'okq8-core', '--reason', 'x'], /Nobody can be asked here[^]*Say --yes/],
    [['audit'], /Say whose with --caller/],
    [['audit', '--caller', 'Billing'], /--caller takes a name/],
    [['audit', '--caller', 'billing', '--limit', '0'], /--limit takes a number from 1 to 1000/],
    [['audit', '--caller', 'billing', '--limit', '1001'], /--limit takes a number from 1 to 1000/],
    [['audit', '--caller', 'billing', '--since', 'yesterday'], /--since takes a duration back from now/],
    [['audit', '--caller', 'billing', '--until', '2026-13-01'], /--until takes a duration back from now/],
    [['config', 'check', '/nowhere/broker.json'], /cannot be read \(ENOENT\)/],
    [['doctor', '--remote', '--settings', 'x.json'], /contradict each other/],
    [['doctor', '--settings', '/nowhere.json'], /--settings names a file that cannot be read/],
    [['doctor', '--settings', join(root, 'README.md')], /holds no app settings/],
  ])('%j', async (args, told) => {
    // A port where nobody answers: nothing here may depend on whether a local stack runs.
    const { code, stdout, stderr } = await cli(args, { environment: { BROKER_URL: 'https://127.0.0.1:1' } });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(told);
  });
});

test('global options may stand before the command, and -- ends the options', async () => {
  const { code, stderr } = await cli(['--url', 'ftp://somewhere', 'status']);
  expect([code, stderr]).toEqual([2, expect.stringMatching(/^broker: --url takes a URL/)]);
  expect((await cli(['config', 'check', '--', '--help'])).stderr).toMatch(/--help cannot be read/);
});

test('with --json a failure is one object on stderr, and nothing is on stdout', async () => {
  const { code, stdout, stderr } = await cli(['rotation', 'show', 'A', '--json']);
  expect({ code, stdout, told: JSON.parse(stderr) }).toEqual({
    code: 2,
    stdout: '',
    told: {
      error: 'SUBSCRIPTION is its name in the broker’s configuration, such as okq8-payments.',
      advice: ['broker status lists them.'],
      exitCode: 2,
    },
  });
});
