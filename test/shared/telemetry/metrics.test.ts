import { describe, expect, test } from '@jest/globals';
import type { ClientName, SubscriptionName } from '../../../shared/names.ts';
import { instruments } from '../../../shared/telemetry/instruments.ts';
import { createMetrics } from '../../../shared/telemetry/metrics.ts';
import type { RecordFacts, RotationStep } from '../../../shared/telemetry/meter.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { createMeasuring, type Read } from '../../support/metrics-reader.ts';

function createFixture() {
  const clock = createManualClock();
  const { meter, read } = createMeasuring();
  const metrics = createMetrics(clock, meter);
  const valuesOf = async (name: string) => (await read()).get(name)?.map(({ value }) => value) ?? [];
  return { clock, metrics, read, valuesOf };
}

const minute = 60_000;
const subscription = 'okq8-core' as SubscriptionName;
const client = { kind: 'client-secret', of: 'okq8' as ClientName } as const;

describe('the names', () => {
  test('are lower case, in one namespace, and no one is the namespace of another', () => {
    const names = Object.values(instruments).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) {
      expect(name).toMatch(/^token_broker(\.[a-z]+(_[a-z]+)*)+$/);
      expect(names.filter((other) => other.startsWith(`${name}.`))).toEqual([]);
    }
  });

  test('say nothing of the unit, which is seconds for every time', () => {
    for (const { name, kind, unit } of Object.values(instruments)) {
      expect(name).not.toMatch(/seconds|_ms\b|total|count\b/);
      expect(unit).toMatch(kind === 'histogram' ? /^s$/ : /^(s|1|\{[a-z_]+\})$/);
    }
  });
});

describe('a credential', () => {
  const { name: age } = instruments.credentialAge;
  const { name: life } = instruments.credentialRemainingLife;

  test('ages from its last load that succeeded', async () => {
    const { clock, metrics, valuesOf } = createFixture();
    metrics.watch([{ load: client }]);
    expect(await valuesOf(age)).toEqual([]);
    metrics.loaded({ ...client }, 5);
    await clock.advance(30_000);
    metrics.loaded({ ...client }, 5, 'vault-unavailable');
    expect(await valuesOf(age)).toEqual([30]);
    metrics.loaded({ ...client }, 5);
    expect(await valuesOf(age)).toEqual([0]);
  });

  test('shows its life in seconds, below 0 when it is over; and nothing where no end is known', async () => {
    const { metrics, valuesOf } = createFixture();
    const of = (remainingLifeMs: number | undefined) => ({ load: client, remainingLifeMs: () => remainingLifeMs });
    for (const none of [Infinity, undefined]) {
      metrics.watch([of(none)]);
      expect(await valuesOf(life)).toEqual([]);
    }
    metrics.watch([of(1_500)]);
    expect(await valuesOf(life)).toEqual([1.5]);
    metrics.watch([of(-2_000)]);
    expect(await valuesOf(life)).toEqual([-2]);
  });

  test('that another configuration does not have is gone; one that it has too keeps its age', async () => {
    const { clock, metrics, read } = createFixture();
    const other = { kind: 'client-secret', of: 'partner' as ClientName } as const;
    metrics.watch([{ load: client }, { load: other }]);
    metrics.loaded(client, 1);
    metrics.loaded(other, 1);
    await clock.advance(minute);
    metrics.watch([{ load: client }]);
    metrics.loaded(other, 1);
    expect((await read()).get(age)).toEqual([
      {
        attributes: { 'token_broker.credential.kind': 'client-secret', 'token_broker.credential.name': 'okq8' },
        value: 60,
      },
    ]);
  });
});

describe('a rotation', () => {
  const record = { state: 'idle', generation: 3, switchedOn: 0, dueAt: undefined };
  const step = (facts: Partial<RecordFacts>): RotationStep => ({
    subscription,
    step: 'wait',
    failure: undefined,
    record: { ...record, ...facts },
  });

  const statesOf = async (read: () => Promise<Read>) =>
    (await read())
      .get(instruments.rotationState.name)
      ?.map(({ attributes, value }) => [attributes['token_broker.rotation.state'], value]);

  test('is shown in its last state: the others are 0, also for a reader that goes on with what it has read', async () => {
    const { metrics, read } = createFixture();
    metrics.stepped(step({}));
    expect(await statesOf(read)).toEqual([['idle', 1]]);
    metrics.stepped(step({ state: 'settling-primary' }));
    expect(await statesOf(read)).toEqual([
      ['idle', 0],
      ['settling-primary', 1],
    ]);
  });

  test('is shown for as long as its last tick here is not long ago: it may go on on another instance', async () => {
    const { clock, metrics, read, valuesOf } = createFixture();
    metrics.stepped(step({ dueAt: clock.wall() }));
    await clock.advance(5 * minute - 1);
    expect(await statesOf(read)).toEqual([['idle', 1]]);
    expect(await valuesOf(instruments.rotationOverdue.name)).toEqual([299.999]);
    await clock.advance(1);
    expect(await statesOf(read)).toEqual([['idle', 0]]);
    expect(await valuesOf(instruments.rotationOverdue.name)).toEqual([0]);
  });

  test('is overdue from when it is due, and as old as its active key', async () => {
    const { clock, metrics, valuesOf } = createFixture();
    const now = clock.wall();
    metrics.stepped(step({ dueAt: now + 1_000, switchedOn: now - minute }));
    expect(await valuesOf(instruments.rotationOverdue.name)).toEqual([0]);
    await clock.advance(3_000);
    expect(await valuesOf(instruments.rotationOverdue.name)).toEqual([2]);
    expect(await valuesOf(instruments.rotationKeyAge.name)).toEqual([63]);
    metrics.stepped(step({}));
    expect(await valuesOf(instruments.rotationOverdue.name)).toEqual([0]);
  });

  test('that fails is counted, and goes on being shown as it was last seen', async () => {
    const { metrics, read } = createFixture();
    metrics.stepped(step({}));
    metrics.stepped({ subscription, step: 'failed', failure: 'storage-unavailable', record: undefined });
    const seen = await read();
    expect(seen.get(instruments.rotationFailures.name)).toEqual([
      {
        attributes: { 'token_broker.subscription': 'okq8-core', 'error.type': 'storage-unavailable' },
        value: 1,
      },
    ]);
    expect(seen.get(instruments.rotationState.name)).toHaveLength(1);
  });
});
