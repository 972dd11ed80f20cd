import { describe, expect, test } from '@jest/globals';
import { BrokerError } from '../../../shared/errors.ts';
import { createBreaker } from '../../../shared/telemetry/breaker.ts';
import { createManualClock } from '../../support/manual-clock.ts';

const down = new BrokerError('storage-unavailable');
const throwIt = (error: unknown) => async () => {
  throw error;
};

/** A breaker whose waits are exactly what they grow to. */
function createFixture() {
  const clock = createManualClock();
  const breaker = createBreaker(clock, { firstMs: 100, mostMs: 800 }, () => 1);
  const fail = async (error: unknown = down) => {
    const run = throwIt(error);
    await expect(breaker.run(run)).rejects.toBe(error);
  };
  /** How long it is still left alone; nothing where it may be tried. */
  const leftMs = () => {
    try {
      breaker.check();
      return undefined;
    } catch (error) {
      return error instanceof BrokerError ? [error.reason, error.retryAfterMs] : error;
    }
  };
  return { clock, breaker, fail, leftMs };
}

describe('a breaker', () => {
  test('stands in nobody’s way while all is well', async () => {
    const { breaker, leftMs } = createFixture();
    expect(leftMs()).toBeUndefined();
    expect(await breaker.run(async () => 7)).toBe(7);
    expect(leftMs()).toBeUndefined();
  });

  test('refuses after a failure without running anything, and says for how long', async () => {
    const { clock, breaker, fail, leftMs } = createFixture();
    await fail();
    await clock.advance(30);
    expect(leftMs()).toEqual(['audit-unavailable', 70]);
    let runs = 0;
    await expect(breaker.run(async () => (runs += 1))).rejects.toMatchObject({ reason: 'audit-unavailable' });
    expect(runs).toBe(0);
    await clock.advance(70);
    expect(leftMs()).toBeUndefined();
  });

  test('leaves it alone for longer each time, up to a bound, and starts over when it has worked', async () => {
    const { clock, breaker, fail, leftMs } = createFixture();
    const waits: unknown[] = [];
    for (let times = 1; times <= 5; times += 1) {
      await fail();
      waits.push(leftMs());
      await clock.advance(800);
    }
    expect(waits).toEqual([100, 200, 400, 800, 800].map((ms) => ['audit-unavailable', ms]));
    await breaker.run(async () => {});
    await fail();
    expect(leftMs()).toEqual(['audit-unavailable', 100]);
  });

  test('leaves it alone for as long as it asks', async () => {
    const { fail, leftMs } = createFixture();
    await fail(new BrokerError('storage-unavailable', { retryAfterMs: 7_000 }));
    expect(leftMs()).toEqual(['audit-unavailable', 7_000]);
  });

  test('lets one try it, and refuses all others until that has ended', async () => {
    const { clock, breaker, fail, leftMs } = createFixture();
    await fail();
    await clock.advance(100);
    let end = () => {};
    const trying = breaker.run(() => new Promise<void>((resolve) => (end = resolve)));
    expect(leftMs()).toEqual(['audit-unavailable', 0]);
    end();
    await trying;
    expect(leftMs()).toBeUndefined();
  });

  test('passes on what failed, and refuses with that as the cause', async () => {
    const { breaker } = createFixture();
    await expect(breaker.run(throwIt(down))).rejects.toBe(down);
    await expect(breaker.run(async () => {})).rejects.toMatchObject({ cause: down });
  });
});
