import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startBrokerOnStack, type BrokerOnStack } from '../support/broker-on-stack.ts';
import { rotateQuickly } from '../support/quick-rotation.ts';
import { openService, type Process, type Service } from './service.ts';

const examples = join(import.meta.dirname, '../../examples');
const minute = 60_000;
/** Where it is missing the example is not run, but in CI. */
const hasPython = Boolean(process.env['CI']) || spawnSync('python3', ['--version']).status === 0;
let on: BrokerOnStack;
let service: Service;

beforeAll(async () => {
  on = await startBrokerOnStack({ storage: true });
  on.restart(rotateQuickly);
  service = await openService(on, 'billing');
});
afterAll(async () => {
  await service.close();
  await on.close();
});

const records = (action: string) => on.lines.filter((line) => line['action'] === action);

(hasPython ? describe : describe.skip)('examples/python', () => {
  test('calls an API once', async () => {
    const running = service.run('python3', [join(examples, 'python/main.py'), 'payments', '/ping']);
    expect(await running.ended).toEqual({ code: 0, stderr: '' });
    expect(running.lines).toEqual([expect.stringMatching(/^200 \{"api":"payments"/)]);
  });

  test('keeps its header set, reports one that the API refuses, and repeats the call', async () => {
    const driver = [
      'from main import Broker',
      'broker = Broker()',
      'for _ in range(3):',
      '    print(*broker.call("core", "/ping"), flush=True)',
      '    input()',
    ];
    const asked = records('headers.hand-out').length;
    const running = service.run('python3', ['-c', driver.join('\n')], { PYTHONPATH: join(examples, 'python') });
    await running.more(1);
    const { primary = '', secondary = '' } = on.stack.apiManagement.keys('okq8-core') ?? {};
    await on.steer('/vault/okq8-core', 'POST', { value: secondary });
    await on.steer('/management/okq8-core', 'POST', { regenerate: 'primary' });
    await on.clock.advance(minute);
    running.move(0);
    await running.more(1);
    running.move(0);
    await running.more(1);
    running.move(0);
    expect(await running.ended).toEqual({ code: 0, stderr: '' });
    expect(running.lines.map((line) => line.slice(0, 3))).toEqual(['200', '200', '200']);
    expect([records('headers.hand-out').length - asked, records('headers.reject').length]).toEqual([1, 1]);
    await on.steer('/management/okq8-core', 'POST', { restore: true });
    await on.steer('/vault/okq8-core', 'POST', { value: primary });
    await on.clock.advance(minute);
  });

  test('says what the broker answered', async () => {
    const running = service.run('python3', [join(examples, 'python/main.py'), 'loyalty', '/ping']);
    expect(await running.ended).toEqual({ code: 1, stderr: expect.stringMatching(/answered 403: forbidden\n$/) });
  });
});

describe('examples/curl.sh', () => {
  const runCurl = async (caller: string, api: string) => {
    const [gateway] = on.stack.ready().gateways;
    const token = await on.token(caller);
    return service.run(join(examples, 'curl.sh'), [api, `${gateway}/${api}/ping`], { BROKER_TOKEN: token });
  };

  test('calls an API once', async () => {
    const running = await runCurl('billing', 'payments');
    expect(await running.ended).toEqual({ code: 0, stderr: '' });
    expect(running.lines).toEqual([expect.stringMatching(/^\{"api":"payments"/)]);
  });

  test('says what the broker answered, and calls nothing', async () => {
    const running = await runCurl('reporting', 'payments');
    expect(await running.ended).toMatchObject({ code: 1, stderr: expect.stringContaining('"code":"forbidden"') });
    expect(running.lines).toEqual([]);
  });
});

// The last: the broker's own token for Key Vault is revoked as well.
describe('examples/node', () => {
  /** The service’s clock first: it must never believe in a set for longer than the broker does. */
  const pass = async (running: Process, ms: number) => {
    running.move(ms);
    await running.more(2);
    await on.clock.advance(ms);
    await on.tick();
  };
  const failed = ({ lines }: Process) => lines.filter((line) => !line.startsWith('200 '));

  test('has at most ten lines', async () => {
    const text = await readFile(join(examples, 'node/main.mjs'), 'utf8');
    expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(10);
  });

  test('survives a full rotation, in which no call is refused, a regenerate of the active key behind the broker’s back, and a revoked token', async () => {
    const running = service.runNode('payments', '5');
    await running.more(1);
    const reports = () => records('headers.reject');
    const reported = reports().length;
    const before = on.stack.apiManagement.keys('okq8-payments');
    const steps = () =>
      on.lines.filter(
        (line) =>
          line.event === 'rotation-step' && line['subscription'] === 'okq8-payments' && line['from'] !== line['to'],
      );
    const isDone = () => steps().at(-1)?.['to'] === 'idle' && steps().length > 2;
    for (let at = 0; at < 3 * 60 && !isDone(); at += 1) await pass(running, minute);
    const after = on.stack.apiManagement.keys('okq8-payments');
    expect(after?.primary).not.toBe(before?.primary);
    expect(after?.secondary).not.toBe(before?.secondary);
    expect([failed(running), reports().length]).toEqual([[], reported]);

    await on.steer('/management/okq8-payments', 'POST', { regenerate: 'primary' });
    await on.clock.advance(minute);
    await running.more(5);
    expect(failed(running)).toEqual([]);
    expect(reports().at(-1)).toMatchObject({ rejected: 'key', rejection: 'alternate' });

    await on.steer('/entra', 'POST', { revokeTokens: true });
    await running.more(5);
    expect(failed(running)).toEqual([]);
    expect(reports().at(-1)).toMatchObject({ rejected: 'token', rejection: 'replaced' });
    expect(reports()).toHaveLength(reported + 2);
    running.kill();
  }, 120_000);
});
