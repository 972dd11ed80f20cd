import { expect, test } from '@jest/globals';
import { startBrokerOnStack } from '../support/broker-on-stack.ts';

test('a managed identity that is not assigned to the app ends as 502, and heals', async () => {
  const on = await startBrokerOnStack();
  const ask = async () => on.headers('core', { token: await on.token('billing') });
  await on.steer('/faults', 'POST', { target: 'identity', status: 400, body: '{"error":{"code":"IdentityNotFound"}}' });
  expect((await ask()).json).toMatchObject({ status: 502, code: 'upstream-rejected' });
  expect(on.lines.findLast(({ event }) => event === 'audit')).toMatchObject({ reason: 'identity-refused' });
  await on.steer('/faults', 'DELETE');
  await on.clock.advance(5_000);
  expect((await ask()).status).toBe(200);
  await on.close();
});
