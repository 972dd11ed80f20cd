import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { startBroker } from '../../local/stack/broker.ts';
import { createCleanup } from '../../local/stack/cleanup.ts';
import { createStack } from '../../local/stack/stack.ts';
import { build } from '../../scripts/build.ts';
import { endSpawned, keep, spawnCli } from './spawned.ts';

/** The stack, the built broker and each command are processes of their own, which take their time on a busy machine. */
const patient = 120_000;
jest.setTimeout(patient);

const cleanup = createCleanup();
let control: string;
let broker: string;
/** As `npm start` does, with the audit trail in a table. */
beforeAll(async () => {
  const stack = await createStack({ ports: { control: 0, gateways: [0, 0] }, awaitsBroker: true });
  cleanup.add(() => stack.close());
  await build();
  const config = JSON.parse(readFileSync(stack.configFile, 'utf8')) as { broker: object };
  const file = join(stack.directory, 'audited.json');
  writeFileSync(file, JSON.stringify({ ...config, broker: { ...config.broker, audit: { sink: 'table' } } }));
  const settings = { ...stack.settings, BROKER_CONFIG: file };
  const root = join(import.meta.dirname, '../..');
  const started = await startBroker({ root, port: 0, settings, onEnd: () => {}, onLine: keep }, cleanup);
  stack.announce(started.url, settings);
  [control, broker] = [stack.ready().control, started.url];
  // The timer would make the rotation records within the minute.
  await fetch(`${broker}/admin/functions/rotation-timer`, { method: 'POST' });
}, patient);
afterAll(async () => {
  endSpawned();
  await cleanup.close();
}, patient);

const run = async (...args: string[]) => {
  const ran = await spawnCli([...args, '--control', control]).ended;
  // Every secret of the stack begins with it.
  expect(ran.stdout + ran.stderr).not.toContain('CANARY');
  return ran;
};
const steer = (path: string, body: object) =>
  fetch(new URL(path, control), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });

describe('against the local stack and the broker on it', () => {
  test('a rotation is paused and resumed, each with its reason in the history', async () => {
    const command = (name: string) => run('rotation', name, 'okq8-core', '--reason', `INC-4711: ${name}`, '--yes');
    expect(await command('pause')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Done: pause of okq8-core\./),
    });
    expect(await command('pause')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/refuses this as things stand/),
    });
    expect((await run('status')).stdout).toMatch(/^ {2}note +okq8-core +rotation is paused$/m);
    expect((await command('resume')).code).toBe(0);
    const { stdout } = await run('rotation', 'show', 'okq8-core');
    expect(stdout).toMatch(/asked-to-resume[^\n]*INC-4711: resume\n[^\n]*asked-to-pause[^\n]*INC-4711: pause/);
  });

  test('status is well, in text and as JSON, until an emergency, which says which header sets will fail', async () => {
    let status = await run('status', '--json');
    // The tick was fired, and not waited for.
    while (/"no-record"/.test(status.stdout)) status = await run('status', '--json');
    expect([status.code, status.stderr]).toEqual([0, '']);
    const well = await run('status');
    expect([well.code, well.stderr]).toEqual([0, '']);
    expect(well.stdout).toMatch(/^All is well\.\n/);
    expect(well.stdout).toMatch(/^ {2}okq8-payments +idle +1 +primary +regenerating-secondary in 30 d/m);

    const why = ['--confirm', 'partner-loyalty', '--reason', 'leaked', '--yes'];
    const { code, stdout } = await run('rotation', 'emergency', 'partner-loyalty', ...why);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Done: emergency of partner-loyalty\.\nHeader sets that carry the primary key fail/);
    const compromised = /^Not well: 1 fault\.\n {2}fault +partner-loyalty +the primary key is compromised/;
    expect(await run('status')).toMatchObject({ code: 1, stdout: expect.stringMatching(compromised) });
  });

  test('whoever lacks the role is told which, and ends with 4', async () => {
    expect(await run('status', '--as', 'billing')).toMatchObject({
      code: 4,
      stderr: expect.stringMatching(/Operations\.Read/),
    });
    const pause = await run('rotation', 'pause', 'okq8-core', '--reason', 'x', '--yes', '--as', 'auditor');
    expect([pause.code, pause.stderr]).toEqual([4, expect.stringMatching(/Operations\.Write/)]);
    expect((await run('rotation', 'plan', 'okq8-core', '--as', 'auditor')).code).toBe(0);
  });

  test('audit shows what a caller was given, and what operators did and why', async () => {
    const { token } = (await (await steer('/token', { caller: 'billing' })).json()) as { token: string };
    await fetch(`${broker}/v1/headers/payments`, { headers: { Authorization: `Bearer ${token}` } });
    await fetch(`${broker}/v1/headers/loyalty`, { headers: { Authorization: `Bearer ${token}` } });
    const given = await run('audit', '--caller', 'billing', '--as', 'auditor');
    expect([given.code, given.stderr]).toEqual([0, '']);
    expect(given.stdout).toMatch(
      /headers\.hand-out +refused +403 +loyalty[^\n]*\n[^\n]*headers\.hand-out +allowed +200 +payments/,
    );
    expect((await run('rotation', 'start', 'okq8-core', '--reason', 'INC-4712', '--yes')).code).toBe(0);
    const { stdout } = await run('audit', '--caller', '_operators', '--since', '1h', '--json');
    const records = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(records).toContainEqual(
      expect.objectContaining({ action: 'rotation.start', outcome: 'allowed', statedReason: 'INC-4712' }),
    );
  });

  test('doctor finds a fault from this process and lets the broker find it itself', async () => {
    expect((await steer('/vault/okq8-client-secret', { enabled: false })).status).toBe(200);
    const fault = /^ {2}fault +secret +okq8-client-secret: disabled-secret$/m;
    const here = await run('doctor');
    expect([here.code, here.stdout, here.stderr]).toEqual([
      1,
      expect.stringMatching(fault),
      expect.stringMatching(/settings of the local stack, as the managed identity/),
    ]);
    const remote = await run('doctor', '--remote');
    expect([remote.code, remote.stdout]).toEqual([1, expect.stringMatching(fault)]);
    await steer('/vault/okq8-client-secret', { enabled: true });
    const { code, stdout } = await run('doctor', '--json');
    expect([code, JSON.parse(stdout)]).toMatchObject([0, { faults: 0 }]);
  });
});
