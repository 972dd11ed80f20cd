import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { cli } from './cli.ts';
import { audited } from './samples.ts';
import { problem, startScriptedBroker, startScriptedStack, type ScriptedBroker } from './scripted-broker.ts';

let broker: ScriptedBroker;
let stack: ScriptedBroker;
beforeAll(async () => {
  broker = await startScriptedBroker();
  stack = await startScriptedStack(broker.url);
});
afterAll(() => Promise.all([broker.close(), stack.close()]));
beforeEach(() => {
  broker.heard.length = 0;
  broker.answer('/v1/audit', { body: audited });
});

const run = (...args: string[]) => cli(['audit', '--caller', 'billing', '--control', stack.url, ...args]);
const asked = () => Object.fromEntries(new URL(broker.heard[0]?.url ?? '', broker.url).searchParams);

test('broker audit asks for the last day of one caller, and shows a line for each record', async () => {
  const { code, stdout, stderr } = await run();
  expect([code, stderr, asked()]).toEqual([0, '', { caller: 'billing', since: '24h', limit: '100' }]);
  expect(stdout)
    .toBe(`  WHEN                  ACTION            OUTCOME  STATUS  WHAT               WHY              REQUEST ID
  2026-11-24 02:59:56Z  headers.hand-out  allowed     200  payments .default                   00000000-0000-4000-8000-000000000001
  2026-11-24 02:59:51Z  headers.hand-out  refused     403  loyalty            api-not-allowed  00000000-0000-4000-8000-000000000002
`);
});

test.each<[string[], Record<string, string>]>([
  [['--since', '7d', '--limit', '1000'], { since: '7d', limit: '1000' }],
  [['--since', '2026-11-23', '--until', '12h'], { since: '2026-11-23T00:00:00.000Z', until: '12h', limit: '100' }],
  [['--since', '2026-11-23T04:00:00+01:00'], { since: '2026-11-23T03:00:00.000Z', limit: '100' }],
])('%j is asked for as %j', async (args, query) => {
  expect((await run(...args)).code).toBe(0);
  expect(asked()).toEqual({ caller: 'billing', ...query });
});

test('what operators did, and what nobody could be told for, says who it was', async () => {
  const [record] = audited.records;
  const objectId = '033e5408-6f75-40c0-a6a1-e15b0cd2f852';
  const records = [
    { ...record, action: 'rotation.pause', subscription: 'okq8-core', statedReason: 'INC-4711', objectId },
  ];
  broker.answer('/v1/audit', { body: { records, complete: true } });
  const { code, stdout } = await cli(['audit', '--caller', '_operators', '--control', stack.url]);
  expect([code, asked()['caller']]).toEqual([0, '_operators']);
  expect(stdout).toMatch(new RegExp(`rotation\\.pause +allowed +200 +okq8-core +INC-4711 +${objectId} `));
});

test('a trail that is in the log is no fault of the command’s, and is told as that', async () => {
  broker.answer('/v1/audit', problem(404, 'not-found', 'The audit trail is in the structured log.'));
  const { code, stderr } = await run();
  expect([code, stderr]).toEqual([
    1,
    expect.stringMatching(
      /no audit trail that can be read from here\.\n {2}The audit trail is in the structured log\./,
    ),
  ]);
});

test('with --json each record is a line', async () => {
  const { stdout } = await run('--json');
  expect(
    stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toEqual(audited.records);
});

test('that there are more is told on stderr, and that there are none on stdout', async () => {
  broker.answer('/v1/audit', { body: { ...audited, complete: false } });
  expect((await run('--json')).stderr).toMatch(/There are more/);
  broker.answer('/v1/audit', { body: { records: [], complete: true } });
  expect(await run()).toEqual({ code: 0, stdout: 'Nothing in that time.\n', stderr: '' });
  expect((await run('--json')).stdout).toBe('');
});
