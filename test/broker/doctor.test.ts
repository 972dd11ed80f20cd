import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createDoctor } from '../../shared/broker-doctor.ts';
import { loadConfig } from '../../shared/config/load.ts';
import type { Finding } from '../../shared/doctor/finding.ts';
import { doctorAnswer } from '../../shared/http/contract/doctor.ts';
import { eventually, startBrokerOnStack, type BrokerOnStack } from '../support/broker-on-stack.ts';

let on: BrokerOnStack;
beforeAll(async () => {
  on = await startBrokerOnStack();
});
afterAll(() => on.close());
beforeEach(async () => {
  await on.steer('/faults', 'DELETE');
  await on.clock.advance(10_000);
});

const ask = async (caller: string, method = 'POST', path = 'v1/doctor') =>
  on.ask('doctor', path, { token: await on.token(caller), method });

test('an operator who may read is given the report, as the contract has it, and it is audited', async () => {
  const reply = await ask('auditor');
  expect(reply.status).toBe(200);
  expect(doctorAnswer.safeParse(reply.json).error).toBeUndefined();
  // There is no storage here.
  expect(reply.json.findings.filter(({ verdict }: Finding) => verdict === 'fault')).toMatchObject([
    { check: 'storage', cause: 'storage-unavailable' },
  ]);
  expect(reply.json).toMatchObject({ faults: 1, warnings: 0 });
  expect(reply.text).not.toMatch(/CANARY|eyJ/);
  expect(on.lines.findLast(({ event }) => event === 'audit')).toMatchObject({
    action: 'doctor.run',
    outcome: 'allowed',
  });
});

test('nobody else is, and nothing is examined for them', async () => {
  await on.steer('/requests', 'DELETE');
  expect(await ask('billing')).toMatchObject({ status: 403, json: { code: 'forbidden' } });
  expect(await on.ask('doctor', 'v1/doctor', { method: 'POST' })).toMatchObject({ status: 401 });
  expect(await ask('auditor', 'GET')).toMatchObject({ status: 405, headers: { Allow: 'POST' } });
  expect(await ask('auditor', 'POST', 'v1/doctor?x=1')).toMatchObject({ status: 400 });
  expect((await on.counts()).filter(({ target }) => target === 'gateway')).toEqual([]);
});

test('however many ask at once, one examination runs', async () => {
  await on.steer('/requests', 'DELETE');
  const replies = await Promise.all(Array.from({ length: 5 }, () => ask('platform')));
  expect(new Set(replies.map(({ text }) => text)).size).toBe(1);
  const calls = (await on.counts()).filter(
    ({ path, status }) => status === 200 && path.startsWith('/secrets/okq8-client'),
  );
  expect(calls.map(({ count }) => count)).toEqual([1]);
});

test('what hangs is given up, and what was not reached in time is skipped', async () => {
  await on.steer('/faults', 'POST', { target: 'vault', hang: true });
  const findings: Finding[] = [];
  const end = new AbortController();
  const doctor = createDoctor(loadConfig(on.stack.settings), on.clock);
  const examining = doctor.examine(end.signal, (finding) => void findings.push(finding));
  const isTold = (check: string) => findings.some((finding) => finding.check === check);
  await eventually(async () => on.clock.pending() > 0);
  await on.clock.advance(3_000);
  await eventually(() => isTold('entra'));
  end.abort();
  const answer = await examining;
  expect(answer).toEqual(findings);
  const verdicts = new Map(answer.map(({ check, verdict, detail }) => [check, [verdict, detail]]));
  expect(verdicts.get('entra')).toEqual(['well', expect.any(String)]);
  expect(verdicts.get('secret')).toEqual(['skipped', 'No time was left.']);
  expect(verdicts.get('gateway')).toEqual(['skipped', 'No time was left.']);
});
