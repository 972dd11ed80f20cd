import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as z from 'zod/mini';
import { rotationAnswer, steeringAnswer } from '../../shared/http/contract/rotation.ts';
import { statusAnswer } from '../../shared/http/contract/status.ts';
import { startBrokerOnStack, type BrokerOnStack } from '../support/broker-on-stack.ts';

const minute = 60_000;
let on: BrokerOnStack;
beforeAll(async () => {
  on = await startBrokerOnStack({ storage: true });
});
afterAll(() => on.close());

let keys = 0;
const freshKey = () => `test-${(keys += 1)}`;
const status = async (token?: string) => on.ask('status', 'v1/status', { token: token ?? (await on.token('auditor')) });
const rotation = async (name: string) =>
  on.ask('rotation', `v1/rotations/${name}`, { token: await on.token('auditor') });

async function steer(path: string, body: object | string, changes: { token?: string; key?: string } = {}) {
  const { token = await on.token('platform'), key = freshKey() } = changes;
  return on.ask('steering', `v1/rotations/${path}`, {
    method: 'POST',
    token,
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': key },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

describe('the status', () => {
  test('is what the contract says, before anything was asked for and after', async () => {
    const before = await status();
    expect([before.status, before.text]).toEqual([200, expect.any(String)]);
    expect(z.safeParse(statusAnswer, before.json).error).toBeUndefined();
    await on.tick();
    await on.headers('payments', { token: await on.token('billing') });
    await on.clock.advance(minute);
    const after = await status();
    expect(z.safeParse(statusAnswer, after.json).error).toBeUndefined();
  });
});

test('steer', async () => {
  const answer = await steer('okq8-core/start', { reason: 'a drill' });
  expect(answer.status).toBe(200);
  expect(z.safeParse(steeringAnswer, answer.json).error).toBeUndefined();
  await on.tick();
  const seen = await rotation('okq8-core');
  expect(z.safeParse(rotationAnswer, seen.json).error).toBeUndefined();
});
