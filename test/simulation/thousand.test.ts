import { describe, expect, test } from '@jest/globals';
import { createFingerprintOf } from '../../shared/credentials/fingerprint.ts';
import { neverAborted, withDeadline } from '../../shared/deadline.ts';
import type { SecretName, SubscriptionName } from '../../shared/names.ts';
import type { KeyAuthority, KeyProbe } from '../../shared/rotation/ports.ts';
import type { Rotated } from '../../shared/rotation/runner.ts';
import { createTick } from '../../shared/rotation/tick.ts';
import { Secret } from '../../shared/secret.ts';
import type { Log } from '../../shared/telemetry/log.ts';
import { createManualClock, type ManualClock } from '../support/manual-clock.ts';
import { createMemoryAuthority } from '../support/memory-authority.ts';
import { createMemoryRecords, createMemoryVault } from '../support/memory-rotation.ts';
import { policyOf } from '../support/rotation-machine.ts';

const count = 1_000;
/** What a tick takes on at once. */
const concurrency = 16;
const fingerprintOf = createFingerprintOf(new Secret('f'.repeat(32)));

type Gauge = { calls: number; underWay: number; most: number };

/** Subscriptions that are all due, each with an authority that takes a moment to answer; those that `hangs` names, until they are given up. */
function createThousand(clock: ManualClock, hangs: (index: number) => boolean = () => false) {
  const records = createMemoryRecords();
  const vault = createMemoryVault();
  const gauge: Gauge = { calls: 0, underWay: 0, most: 0 };
  const probe: KeyProbe = { gateways: 1, try: () => Promise.resolve(['accepted']) };
  const rotated = Array.from({ length: count }, (_, index): Rotated => {
    const name = `okq8-${index}`;
    const keys = { primary: `CANARY${index}-first`, secondary: `CANARY${index}-second` };
    vault.put(name as SecretName, keys.primary);
    return {
      subscription: name as SubscriptionName,
      policy: policyOf({ everyMs: 0, requestTimeoutMs: 20_000 }),
      authority: hangs(index) ? createHanging(clock) : measure(createMemoryAuthority(keys).authority, gauge),
      publisher: vault.publisherOf(name as SecretName),
      probe,
    };
  });
  const steps = new Map<string, string[]>();
  const tell = (_event: string, { subscription, step }: Record<string, unknown> = {}) => {
    steps.set(String(subscription), [...(steps.get(String(subscription)) ?? []), String(step)]);
  };
  const log: Log = { info: tell, warn: tell, error: tell };
  let operations = 0;
  const tick = createTick(
    {
      clock,
      records: records.records,
      loadFingerprintOf: () => Promise.resolve(fingerprintOf),
      createOperationId: () => `operation-${(operations += 1)}`,
      meter: { stepped: () => {} },
    },
    { runner: 'worker-1' },
  )(rotated);
  const phaseOf = async ({ subscription }: Rotated) =>
    (await records.records.read(subscription, neverAborted))?.record.state.phase;
  return { tick: () => tick(log), gauge, steps, rotated, phaseOf };
}

function createHanging(clock: ManualClock): KeyAuthority {
  const hang = () => withDeadline(clock, 3_000, 'authority-unavailable', () => new Promise<never>(() => {}));
  return { isManual: false, list: hang, regenerate: hang };
}

function measure(authority: KeyAuthority, gauge: Gauge): KeyAuthority {
  const during = async <T>(call: () => Promise<T>): Promise<T> => {
    gauge.calls += 1;
    gauge.underWay += 1;
    gauge.most = Math.max(gauge.most, gauge.underWay);
    try {
      await new Promise((resolve) => setImmediate(resolve));
      return await call();
    } finally {
      gauge.underWay -= 1;
    }
  };
  return {
    isManual: authority.isManual,
    list: (signal) => during(() => authority.list(signal)),
    regenerate: (slot, signal, mayStillSend) => during(() => authority.regenerate(slot, signal, mayStillSend)),
  };
}

describe('a thousand subscriptions due at the same tick', () => {
  test('each take one step a tick, none is skipped, and few are under way at once', async () => {
    const clock = createManualClock();
    const { tick, gauge, steps, rotated, phaseOf } = createThousand(clock);
    const told: string[] = [];
    // Adopted, promised, started, and then the regenerate that all are due for.
    for (const [expected, callsEach] of Object.entries({ adopt: 1, promise: 1, enter: 1, regenerate: 2 })) {
      steps.clear();
      gauge.calls = 0;
      const startedAt = performance.now();
      await tick();
      told.push(
        `${expected}: ${(performance.now() - startedAt).toFixed(0)} ms, ${gauge.calls / count} control-plane calls each`,
      );
      expect(steps.size).toBe(count);
      expect(new Set([...steps.values()].map((each) => each.join()))).toEqual(new Set([expected]));
      expect(gauge.calls).toBe(callsEach * count);
      await clock.advance(60_000);
    }
    expect(gauge.most).toBe(concurrency);
    expect(new Set(await Promise.all(rotated.map(phaseOf)))).toEqual(new Set(['settling']));
    process.stderr.write(`One tick over ${count} subscriptions, ${concurrency} at once: ${told.join('; ')}.\n`);
  }, 60_000);
});

describe('an authority that hangs', () => {
  /** `functionTimeout` of `host.json`: then the host ends the worker. */
  const functionTimeoutMs = 120_000;

  test('keeps no tick from ending before the host would end it, and no other subscription from its turn', async () => {
    const clock = createManualClock();
    const { tick, steps, rotated } = createThousand(clock, (index) => index < 700);
    const healthy = rotated.slice(700).map(({ subscription }) => String(subscription));
    for (let ticks = 0; ticks < 4; ticks += 1) {
      let endedAt = Infinity;
      const startedAt = clock.monotonic();
      void tick().then(() => (endedAt = clock.monotonic()));
      await clock.advance(functionTimeoutMs);
      expect(endedAt - startedAt).toBeLessThan(functionTimeoutMs);
    }
    expect(healthy.filter((name) => !steps.get(name)?.includes('adopt'))).toEqual([]);
    // What was not reached is told, in one line, and counted.
    expect(steps.get('undefined')?.length).toBeGreaterThan(0);
  }, 60_000);
});
