import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { commands } from '../../shared/http/contract/rotation.ts';
import { cli } from './cli.ts';
import { at, rotation, rotationSeen, steered } from './samples.ts';
import { startScriptedBroker, startScriptedStack, type ScriptedBroker } from './scripted-broker.ts';
import { createManualClock } from '../support/manual-clock.ts';

let broker: ScriptedBroker;
let stack: ScriptedBroker;
beforeAll(async () => {
  broker = await startScriptedBroker();
  stack = await startScriptedStack(broker.url);
});
afterAll(() => Promise.all([broker.close(), stack.close()]));

const path = '/v1/rotations/okq8-payments';
beforeEach(() => {
  broker.heard.length = 0;
  broker.answer(path, { body: rotationSeen });
  for (const command of commands) broker.answer(`${path}/${command}`, { body: { ...steered, command } });
});

const run = (args: string[], setting: Parameters<typeof cli>[1] = {}) =>
  cli(['rotation', ...args, '--control', stack.url], setting);
const posted = () => broker.heard.filter(({ method }) => method === 'POST');
const why = ['--reason', 'INC-4711: key in a log'];

describe('a command', () => {
  test.each(commands)('%s is sent once, with its reason, its own key, and nothing more', async (command) => {
    const confirm = command === 'emergency' ? ['--confirm', 'okq8-payments'] : [];
    const { code, stdout } = await run([command, 'okq8-payments', ...why, ...confirm, '--yes']);
    expect([code, stdout]).toEqual([0, expect.stringMatching(new RegExp(`^Done: ${command} of okq8-payments\\.`))]);
    expect(posted()).toMatchObject([{ url: `${path}/${command}`, headers: { 'content-type': 'application/json' } }]);
    expect(posted()[0]?.body).toEqual({
      reason: 'INC-4711: key in a log',
      ...(command === 'emergency' && { confirm: 'okq8-payments' }),
    });
    expect(posted()[0]?.headers['idempotency-key']).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  });

  test('has another key each time', async () => {
    for (let time = 0; time < 2; time += 1) await run(['pause', 'okq8-payments', ...why, '--yes']);
    const [first, second] = posted().map(({ headers }) => headers['idempotency-key']);
    expect(first).not.toBe(second);
  });

  test('says what will happen and where it stands before it asks', async () => {
    const { stderr } = await run(['pause', 'okq8-payments', ...why], { answers: ['y'], clock: createManualClock() });
    expect(stderr).toMatch(
      /^No key of okq8-payments is regenerated until it is resumed\.\n[^]*\nNow: idle, generation 4, primary active; next regenerating-secondary in 27 d\nGo on\? \[y\/N\] $/,
    );
  });

  test('states the outage of an emergency, and the slots that it is about', async () => {
    const { stderr } = await run(['emergency', 'okq8-payments', ...why, '--confirm', 'okq8-payments'], {
      answers: ['y'],
    });
    expect(stderr).toMatch(
      /^OUTAGE: header sets that carry the primary key of okq8-payments fail[^]*The secondary key is published/,
    );
  });

  test.each(['y', 'Y', 'yes', ' yes '])('is carried out after %j', async (answer) => {
    expect((await run(['pause', 'okq8-payments', ...why], { answers: [answer] })).code).toBe(0);
    expect(posted()).toHaveLength(1);
  });

  test.each(['', 'n', 'no', 'yep', 'okq8-payments'])('is not carried out after %j', async (answer) => {
    const { code, stdout, stderr } = await run(['pause', 'okq8-payments', ...why], { answers: [answer] });
    expect([code, stdout, stderr]).toEqual([1, '', expect.stringMatching(/Nothing was done\.\n$/)]);
    expect(posted()).toEqual([]);
  });

  test('asks the broker nothing where nobody can be asked', async () => {
    expect((await run(['pause', 'okq8-payments', ...why])).code).toBe(2);
    expect(broker.heard).toEqual([]);
  });

  test.each([
    ['no-record', /first tick of the rotation timer/],
    ['not-rotated', /it has no rotation in the broker’s configuration/],
    ['record-corrupt', /cannot be read \(record-corrupt\)/],
  ])('is not sent where there is nothing to steer: %s', async (problem, told) => {
    broker.answer(path, { body: { ...rotationSeen, rotation: null, problem } });
    const { code, stderr } = await run(['pause', 'okq8-payments', ...why, '--yes']);
    expect([code, stderr]).toEqual([1, expect.stringMatching(told)]);
    expect(posted()).toEqual([]);
  });

  test('shows the plan that follows, the outage, and that it was done before', async () => {
    broker.answer(`${path}/emergency`, {
      body: {
        ...steered,
        command: 'emergency',
        replayed: true,
        outage: 'Header sets fail.',
        rotation: { ...rotation, compromised: 'primary' },
      },
    });
    const confirm = ['--confirm', 'okq8-payments', '--yes'];
    const { stdout } = await run(['emergency', 'okq8-payments', ...why, ...confirm], { clock: createManualClock() });
    expect(stdout).toBe(`Done before, and not again: emergency of okq8-payments.
Header sets fail.
What follows, were everything to go well:
  idle                    now
  regenerating-secondary  not before 2026-12-21 03:00:00Z (in 27 d)
  settling-secondary      not before 2026-12-21 03:01:00Z (in 27 d)
`);
  });

  test('with --json has the broker’s answer alone on stdout', async () => {
    const { stdout } = await run(['pause', 'okq8-payments', ...why, '--yes', '--json']);
    expect(JSON.parse(stdout)).toEqual(steered);
  });
});

describe('what is read', () => {
  test('show has the state, both keys, what comes, and the history', async () => {
    const { code, stdout } = await run(['show', 'okq8-payments'], { clock: createManualClock() });
    expect(code).toBe(0);
    expect(stdout).toBe(`okq8-payments
  state          idle
  generation     4
  primary key    AAAAAAAAAAAA, active, promised until 2026-11-24 08:00:00Z (in 5 h)
  secondary key  BBBBBBBBBBBB
  switched       2026-11-21 03:00:00Z (3 d ago)
  due            2026-12-21 03:00:00Z (in 27 d)

  What comes, were everything to go well:
  idle                    now
  regenerating-secondary  not before 2026-12-21 03:00:00Z (in 27 d)
  settling-secondary      not before 2026-12-21 03:01:00Z (in 27 d)

  WHEN                  EVENT     STATE                                     GENERATION  BY        REASON
  2026-11-21 03:00:00Z  switched  publishing-primary -> draining-secondary           4  7c1f2a3b
`);
  });

  test('show has all that is unusual', async () => {
    const unusual = {
      ...rotation,
      state: 'draining-primary',
      paused: true,
      overdue: true,
      waitsForPerson: true,
      compromised: 'primary',
      drainedOn: at(600),
      lastFailure: { on: at(-60), reason: 'gateway-unknown', times: 3 },
    };
    broker.answer(path, { body: { ...rotationSeen, rotation: unusual } });
    const { stdout } = await run(['show', 'okq8-payments'], { clock: createManualClock() });
    expect(stdout).toContain(
      'state          draining-primary, paused, overdue, waits for a person, primary key compromised\n',
    );
    expect(stdout).toContain('drained        2026-11-24 03:10:00Z (in 10 min)\n');
    expect(stdout).toContain('last failure   gateway-unknown, 3 times in a row, last 60 s ago\n');
    expect(stdout).toContain('Paused: no key is regenerated until it is resumed.\n');
  });

  test('plan has the plan alone, for programs as JSON', async () => {
    const { stdout } = await run(['plan', 'okq8-payments', '--json']);
    expect(JSON.parse(stdout)).toEqual({ subscription: 'okq8-payments', plan: rotation.plan });
    expect((await run(['plan', 'okq8-payments'], { clock: createManualClock() })).stdout).toMatch(
      /^ {2}idle {20}now\n/,
    );
  });

  test('plan fails where there is none', async () => {
    broker.answer(path, { body: { ...rotationSeen, rotation: null, problem: 'no-record' } });
    expect(await run(['plan', 'okq8-payments'])).toMatchObject({ code: 1, stdout: '' });
  });
});
