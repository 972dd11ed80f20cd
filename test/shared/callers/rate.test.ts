import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { createRateLimiter, type RateLimit } from '../../../shared/callers/rate.ts';
import type { CallerName } from '../../../shared/names.ts';
import { createManualClock } from '../../support/manual-clock.ts';

const billing = 'billing' as CallerName;
const reporting = 'reporting' as CallerName;
const refused = { code: 'too-many-requests', reason: 'rate-limit' };

function createFixture(limit: RateLimit) {
  const clock = createManualClock();
  const limiter = createRateLimiter(clock, new Map([billing, reporting].map((caller) => [caller, limit])));
  /** How many of so many requests at once pass. */
  const burst = (caller: CallerName, requests: number) =>
    Array.from({ length: requests }, () => refusalOf(caller)).filter((refusal) => refusal === undefined).length;
  const refusalOf = (caller: CallerName): unknown => {
    try {
      limiter.take(caller);
      return undefined;
    } catch (error) {
      return error;
    }
  };
  return { clock, burst, refusalOf };
}

describe('a caller', () => {
  test('may make its burst at once, and no more', () => {
    const { burst, refusalOf } = createFixture({ perSecond: 2, burst: 5 });
    expect(burst(billing, 20)).toBe(5);
    expect(refusalOf(billing)).toMatchObject(refused);
  });

  test('spends nobody’s share but its own', () => {
    const { burst } = createFixture({ perSecond: 2, burst: 5 });
    burst(billing, 1_000);
    expect(burst(reporting, 5)).toBe(5);
  });

  test('may make so many a second in the long run', async () => {
    const { burst, clock } = createFixture({ perSecond: 2, burst: 5 });
    burst(billing, 5);
    let passed = 0;
    for (let tick = 0; tick < 100; tick += 1) {
      await clock.advance(100);
      passed += burst(billing, 3);
    }
    expect(passed).toBe(20);
  });

  test('saves up no more than its burst', async () => {
    const { burst, clock } = createFixture({ perSecond: 2, burst: 5 });
    burst(billing, 5);
    await clock.advance(86_400_000);
    expect(burst(billing, 20)).toBe(5);
  });

  test('loses nothing by asking while it is refused', async () => {
    const { burst, clock, refusalOf } = createFixture({ perSecond: 1, burst: 1 });
    burst(billing, 1);
    for (let tick = 0; tick < 7; tick += 1) {
      await clock.advance(125);
      expect(refusalOf(billing)).toMatchObject(refused);
    }
    await clock.advance(125);
    expect(refusalOf(billing)).toBeUndefined();
  });

  test('is told how long to wait, and is let through then and not before', async () => {
    const { burst, clock, refusalOf } = createFixture({ perSecond: 4, burst: 2 });
    burst(billing, 2);
    expect(refusalOf(billing)).toMatchObject({ ...refused, retryAfterMs: 250 });
    await clock.advance(187.5);
    expect(refusalOf(billing)).toMatchObject({ ...refused, retryAfterMs: 62.5 });
    await clock.advance(62.5);
    expect(refusalOf(billing)).toBeUndefined();
  });

  test('gains nothing when the wall clock is set', () => {
    const { burst, clock } = createFixture({ perSecond: 2, burst: 5 });
    burst(billing, 5);
    clock.setWall(clock.wall() + 86_400_000);
    expect(burst(billing, 5)).toBe(0);
  });

  test('that waits the whole seconds of Retry-After is let through, whatever its limit', async () => {
    const limits = fc.record({
      perSecond: fc.double({ min: 0.01, max: 1_000, noNaN: true }),
      burst: fc.integer({ min: 1, max: 5 }),
    });
    await fc.assert(
      fc.asyncProperty(limits, async (limit) => {
        const { burst, clock, refusalOf } = createFixture(limit);
        burst(billing, limit.burst);
        const retryAfterMs = Number(Reflect.get(Object(refusalOf(billing)), 'retryAfterMs'));
        await clock.advance(Math.ceil(retryAfterMs / 1_000) * 1_000);
        expect(refusalOf(billing)).toBeUndefined();
      }),
    );
  });

  test('that is not configured is a defect of ours and never passes', () => {
    const { refusalOf } = createFixture({ perSecond: 1, burst: 1 });
    expect(refusalOf('stranger' as CallerName)).toMatchObject({ code: 'internal-error', reason: 'unexpected' });
  });
});
