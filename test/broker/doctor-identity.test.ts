import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createDoctor } from '../../shared/broker-doctor.ts';
import { loadConfig } from '../../shared/config/load.ts';
import { startBrokerOnStack, type BrokerOnStack } from '../support/broker-on-stack.ts';

// In a file of its own: the library keeps the tokens of a managed identity for as long as the process lives.

let on: BrokerOnStack;
beforeAll(async () => {
  on = await startBrokerOnStack();
});
afterAll(() => on.close());

const examine = async (fault: object) => {
  await on.steer('/faults', 'POST', fault);
  const findings = await createDoctor(loadConfig(on.stack.settings), on.clock).examine(new AbortController().signal);
  await on.steer('/faults', 'DELETE');
  return findings;
};

test.each([
  ['no managed identity', { status: 403 }, 'identity-refused'],
  ['an identity endpoint that is down', { reset: true }, 'identity-unavailable'],
])('%s is one fault, and what needs it is skipped', async (_name, fault, cause) => {
  const findings = await examine({ target: 'identity', ...fault });
  const faults = findings.filter(({ verdict }) => verdict === 'fault');
  expect(faults).toEqual([expect.objectContaining({ check: 'identity', subject: 'managed identity', cause })]);
  const dependent = findings.filter(({ check }) => ['secret', 'client', 'token', 'api', 'rotation'].includes(check));
  expect(new Set(dependent.map(({ verdict }) => verdict))).toEqual(new Set(['skipped']));
});

test('a token for one service alone that is refused is the fault of that one', async () => {
  const findings = await examine({ target: 'identity', status: 403, times: 1 });
  const faults = findings.filter(({ verdict }) => verdict === 'fault');
  expect(faults.map(({ check, cause }) => [check, cause])[0]).toEqual(['identity', 'identity-refused']);
  expect(findings.filter(({ check, verdict }) => check === 'identity' && verdict === 'well')).toHaveLength(2);
});
