import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { endHosts, startHost, type HostChild } from './child.ts';

afterEach(endHosts);

async function post(host: HostChild, path: string, body?: string): Promise<{ status: number; body: string }> {
  const answer = await fetch(host.url + path, body === undefined ? { method: 'POST' } : { method: 'POST', body });
  return { status: answer.status, body: await answer.text() };
}

/** What the app told, when it has told `count` things; the first are its start and the warm-up. */
async function told(host: HostChild, count: number): Promise<unknown[]> {
  return (await (await fetch(`${host.url}/told/${count}`)).json()) as unknown[];
}

const timerInfo = (isPastDue: boolean) => ({
  triggerMetadata: null,
  tick: {
    isPastDue,
    schedule: { adjustForDST: true },
    scheduleStatus: { last: expect.any(String), next: expect.any(String), lastUpdated: expect.any(String) },
  },
});

describe('POST /admin/functions/{name}', () => {
  test('fires a timer, 202, whatever the case of its name', async () => {
    const host = await startHost();
    expect(await post(host, '/admin/functions/TICK', '{}')).toEqual({ status: 202, body: '' });
    expect(await post(host, '/admin/functions/tick', '{"input":"test"}')).toEqual({ status: 202, body: '' });
    expect(await post(host, '/admin/functions/tick')).toEqual({ status: 202, body: '' });
    expect((await told(host, 5)).slice(2)).toEqual([timerInfo(false), timerInfo(false), timerInfo(false)]);
  });

  test('lets a timer believe that it is late', async () => {
    const host = await startHost();
    await post(host, '/admin/functions/tick', '{"input":{"isPastDue":true}}');
    expect((await told(host, 3)).slice(2)).toEqual([timerInfo(true)]);
  });

  test('fires any function but an HTTP one with the input', async () => {
    const host = await startHost();
    await post(host, '/admin/functions/queued', '{"input":"text"}');
    await told(host, 3);
    await post(host, '/admin/functions/queued', '{"input":{"a":[1]}}');
    expect((await told(host, 4)).slice(2)).toEqual([{ message: 'text' }, { message: { a: [1] } }]);
    expect(await post(host, '/admin/functions/echo')).toMatchObject({
      status: 400,
      body: expect.stringContaining('HTTP trigger'),
    });
  });

  test('is 404 for a name that there is not and 400 for a body that is no JSON object', async () => {
    const host = await startHost();
    expect((await post(host, '/admin/functions/nope')).status).toBe(404);
    expect((await post(host, '/admin/functions/__proto__')).status).toBe(404);
    expect((await post(host, '/admin/functions/tick', '{')).status).toBe(400);
    expect((await post(host, '/admin/functions/tick', '[]')).status).toBe(400);
  });

  test('is 202 for a function that fails, and the failure is in the log', async () => {
    const host = await startHost();
    expect((await post(host, '/admin/functions/broken')).status).toBe(202);
    await host.stderrMatches(/ error broken invocation .* failed: Error: the timer failed/);
    expect((await post(host, '/admin/functions/tick')).status).toBe(202);
    await told(host, 3);
  });

  test('fires a disabled function, too', async () => {
    const host = await startHost({
      env: { 'AzureWebJobs.tick.Disabled': 'true', AzureWebJobs_unnamed_Disabled: '1', TICK_ON_STARTUP: '1' },
    });
    expect((await fetch(`${host.url}/unnamed`)).status).toBe(404);
    await post(host, '/admin/functions/tick');
    expect(await told(host, 3)).toEqual(['appStart', 'warm', timerInfo(false)]);
  });
});

describe('GET /admin', () => {
  test('tells that the host runs, and the functions with their triggers', async () => {
    const host = await startHost();
    expect(await (await fetch(`${host.url}/admin/host/status`)).json()).toEqual({ state: 'Running' });
    const list = (await (await fetch(`${host.url}/Admin/Functions`)).json()) as unknown[];
    expect(list).toContainEqual({
      name: 'tick',
      isDisabled: false,
      trigger: expect.objectContaining({ type: 'timerTrigger', schedule: '%TICK_SCHEDULE%' }),
    });
    expect(list).toContainEqual({
      name: 'locked',
      isDisabled: false,
      trigger: expect.objectContaining({ type: 'httpTrigger', authLevel: 'function' }),
    });
  });

  test('is 404 for all else', async () => {
    const host = await startHost();
    const paths = [
      '/admin',
      '/admin/',
      '/admin/host',
      '/admin/host/keys',
      '/admin/functions/tick',
      '/admin/functions/tick/x',
    ];
    const answers = await Promise.all(paths.map((path) => fetch(host.url + path)));
    expect(answers.map(({ status }) => status)).toEqual(paths.map(() => 404));
  });
});

describe('at start', () => {
  test('the warm-up function runs, and its failure stops nobody', async () => {
    const host = await startHost({ env: { WARM_FAILS: '1' } });
    expect(await told(host, 2)).toEqual(['appStart', 'warm']);
    await host.stderrMatches(/ error warm invocation .* failed: Error: the warm-up failed/);
    expect((await fetch(`${host.url}/unnamed`)).status).toBe(200);
  });

  test('a timer with runOnStartup runs', async () => {
    const host = await startHost({ env: { TICK_ON_STARTUP: '1' } });
    expect((await told(host, 3)).slice(2)).toEqual([timerInfo(false)]);
  });

  test('a schedule runs in time, without a status where it is shorter than a minute', async () => {
    const host = await startHost({ env: { TICK_SCHEDULE: '* * * * * *' } });
    const [, , first] = await told(host, 3);
    expect(first).toEqual({ ...timerInfo(false), tick: { ...timerInfo(false).tick, scheduleStatus: null } });
  });

  test('a timer that was due while the host was down runs, past due, and what it ran is remembered', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'host-state-'));
    try {
      const file = join(directory, 'timers.json');
      const long = {
        last: '2020-01-01T00:00:00.000Z',
        next: '2021-01-01T00:00:00.000Z',
        lastUpdated: '2020-01-01T00:00:00.000Z',
      };
      writeFileSync(file, JSON.stringify({ tick: long }));
      const host = await startHost({ args: ['--state', file] });
      const [, , first] = await told(host, 3);
      expect(first).toMatchObject({ tick: { isPastDue: true, scheduleStatus: long } });
      host.process.kill('SIGTERM');
      expect(await host.exit).toBe(0);
      const { tick } = JSON.parse(readFileSync(file, 'utf8')) as { tick: { last: string } };
      expect(Date.now() - Date.parse(tick.last)).toBeLessThan(60_000);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
