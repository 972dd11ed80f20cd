import { expect, test } from '@jest/globals';
import { createRestraint } from '../../../shared/credentials/restraint.ts';
import { BrokerError } from '../../../shared/errors.ts';
import { createManualClock } from '../../support/manual-clock.ts';

const throttled = new BrokerError('vault-unavailable', { upstream: 429 });
const down = new BrokerError('vault-unavailable', { upstream: 503 });

/** A vault that answers as it is told, and counts what reaches it. */
function createFixture(random = 1) {
  const clock = createManualClock();
  const restraint = createRestraint(clock, () => random);
  const vault: { requests: number; error: BrokerError | undefined } = { requests: 0, error: undefined };
  const ask = () =>
    restraint
      .run(async () => {
        vault.requests += 1;
        if (vault.error) throw vault.error;
      })
      .then(
        () => 'answered' as const,
        (error: unknown) => error as BrokerError,
      );
  return { clock, restraint, vault, ask };
}

test('after a 429 nothing more is asked of the vault for a second, and who asks is told how long', async () => {
  const { clock, vault, ask } = createFixture();
  vault.error = throttled;
  await ask();
  await clock.advance(600);
  expect(await ask()).toMatchObject({ reason: 'vault-unavailable', upstream: 429, retryAfterMs: 400 });
  expect(vault.requests).toBe(1);
  vault.error = undefined;
  await clock.advance(400);
  expect(await ask()).toBe('answered');
});

test('it is left alone for twice as long each time, up to 16 s, and for a second again once it has answered', async () => {
  const { clock, vault, ask } = createFixture();
  vault.error = throttled;
  for (const seconds of [1, 2, 4, 8, 16, 16]) {
    await ask();
    expect(await ask()).toMatchObject({ retryAfterMs: seconds * 1_000 });
    await clock.advance(seconds * 1_000);
  }
  vault.error = undefined;
  await ask();
  vault.error = throttled;
  await ask();
  expect(await ask()).toMatchObject({ retryAfterMs: 1_000 });
});

test('a hundred refusals of requests that were under way together count as one', async () => {
  const { vault, ask } = createFixture();
  vault.error = throttled;
  await Promise.all(Array.from({ length: 100 }, ask));
  expect(await ask()).toMatchObject({ retryAfterMs: 1_000 });
});

test('after a 429 nothing is asked in the background for a minute', async () => {
  const { clock, vault, restraint, ask } = createFixture();
  expect(restraint.hasToSpare()).toBe(true);
  vault.error = throttled;
  await ask();
  vault.error = undefined;
  await clock.advance(59_999);
  await ask();
  expect(restraint.hasToSpare()).toBe(false);
  await clock.advance(1);
  expect(restraint.hasToSpare()).toBe(true);
});

test('while the vault is down, who needs something asks, and the background asks rarely', async () => {
  const { clock, vault, restraint, ask } = createFixture();
  vault.error = down;
  await ask();
  expect(restraint.hasToSpare()).toBe(false);
  expect(await ask()).toBe(down);
  expect(vault.requests).toBe(2);
  await clock.advance(1_000);
  expect(restraint.hasToSpare()).toBe(true);
  await ask();
  await clock.advance(1_999);
  expect(restraint.hasToSpare()).toBe(false);
});

test('what is wrong with one secret holds up no other', async () => {
  const { vault, restraint, ask } = createFixture();
  vault.error = new BrokerError('vault-secret-missing', { upstream: 404 });
  await ask();
  expect(restraint.hasToSpare()).toBe(true);
  vault.error = undefined;
  expect(await ask()).toBe('answered');
});

test('many instances do not come back at once: each waits up to a quarter less', async () => {
  const { clock, restraint, vault, ask } = createFixture(0);
  vault.error = throttled;
  await ask();
  expect(await ask()).toMatchObject({ retryAfterMs: 750 });
  await clock.advance(44_999);
  expect(restraint.hasToSpare()).toBe(false);
  await clock.advance(1);
  expect(restraint.hasToSpare()).toBe(true);
});

test('what is no failure of the vault holds up nobody', async () => {
  const { restraint } = createFixture();
  await expect(restraint.run(() => Promise.reject(new TypeError('a defect')))).rejects.toThrow('a defect');
  expect(restraint.hasToSpare()).toBe(true);
});

test('an answer to what was asked before the vault throttled does not end that', async () => {
  const { clock, restraint, vault, ask } = createFixture();
  let answer = () => {};
  const slow = restraint.run(() => new Promise<void>((resolve) => (answer = resolve)));
  await clock.advance(10);
  vault.error = throttled;
  await ask();
  answer();
  await slow;
  await clock.advance(1_000);
  await ask();
  expect(await ask()).toMatchObject({ retryAfterMs: 2_000 });
});

test('a vault that was down and then throttles is left alone as one that throttles', async () => {
  const { clock, restraint, vault, ask } = createFixture();
  vault.error = down;
  await ask();
  vault.error = throttled;
  await ask();
  expect(await ask()).toMatchObject({ upstream: 429, retryAfterMs: 2_000 });
  await clock.advance(59_999);
  expect(restraint.hasToSpare()).toBe(false);
});
