import { describe, expect, test } from '@jest/globals';
import type { CallerName, ClientName, ScopeName, SubscriptionName } from '../../../shared/names.ts';
import { createFigures } from '../../../shared/operations/figures.ts';
import type { Decision, Load } from '../../../shared/telemetry/meter.ts';
import { createManualClock } from '../../support/manual-clock.ts';

const [billing, stranger] = ['billing', 'stranger'] as CallerName[] as [CallerName, CallerName];
const key: Load = { kind: 'key', of: 'okq8-core' as SubscriptionName };
const token: Load = { kind: 'token', of: 'okq8' as ClientName, scope: 'api://a/.default' as ScopeName };
const secret: Load = { kind: 'client-secret', of: 'okq8' as ClientName };
const minute = 60_000;

function createFixture() {
  const clock = createManualClock();
  const figures = createFigures(clock);
  figures.use({ callers: [billing], loads: [key, token, secret] });
  const decide = (changes: Partial<Decision> = {}) =>
    figures.meter.decided({
      action: 'headers.hand-out',
      outcome: 'allowed',
      code: null,
      caller: billing,
      durationMs: 1,
      ...changes,
    });
  return { clock, ...figures, decide };
}

describe('another configuration', () => {
  const reload = (callers: CallerName[], loads: Load[]) => {
    const fixture = createFixture();
    fixture.decide();
    fixture.meter.loaded(key, 1, 'vault-unavailable');
    fixture.use({ callers, loads });
    return fixture;
  };

  test('goes on counting for whom it still names', () => {
    const { ofCaller, failureOf } = reload([billing, stranger], [key]);
    expect(ofCaller(billing).allowed).toBe(1);
    expect(failureOf(key)).toMatchObject({ reason: 'vault-unavailable', times: 1 });
  });

  test('forgets whom it does not name', () => {
    const { ofCaller, failureOf, use } = reload([], []);
    use({ callers: [billing], loads: [key] });
    expect(ofCaller(billing).allowed).toBe(0);
    expect(failureOf(key)).toBeUndefined();
  });
});

describe('the figures of a caller', () => {
  test('are nothing before it has asked', () => {
    expect(createFixture().ofCaller(billing)).toEqual({ allowed: 0, refused: 0, failed: 0, lastOn: undefined });
  });

  test('count what it was answered, and tell when it last asked', async () => {
    const { clock, ofCaller, decide } = createFixture();
    decide();
    decide();
    decide({ outcome: 'refused', code: 'forbidden' });
    await clock.advance(1_000);
    decide({ outcome: 'failed', code: 'upstream-unavailable' });
    expect(ofCaller(billing)).toEqual({ allowed: 2, refused: 1, failed: 1, lastOn: '2026-11-24T03:00:01.000Z' });
  });

  test('count header sets alone; whatever it asks, it has asked', async () => {
    const { ofCaller, decide } = createFixture();
    decide({ action: 'apis.list' });
    expect(ofCaller(billing)).toMatchObject({ allowed: 0, lastOn: expect.any(String) });
  });

  test('are kept of those whom the configuration names, and of nobody else', () => {
    const { ofCaller, decide } = createFixture();
    decide({ caller: stranger });
    decide({ caller: undefined, outcome: 'refused' });
    expect(ofCaller(stranger)).toMatchObject({ allowed: 0, lastOn: undefined });
    expect(ofCaller(billing)).toMatchObject({ allowed: 0, refused: 0 });
  });
});

describe('the last failure of a load', () => {
  test('is there until it succeeds, with how often it has failed in a row', async () => {
    const { clock, meter, failureOf } = createFixture();
    expect(failureOf(key)).toBeUndefined();
    meter.loaded(key, 5, 'vault-unavailable');
    await clock.advance(1_000);
    meter.loaded(key, 5, 'vault-forbidden');
    expect(failureOf(key)).toEqual({ on: '2026-11-24T03:00:01.000Z', reason: 'vault-forbidden', times: 2 });
    meter.loaded(key, 5);
    expect(failureOf(key)).toBeUndefined();
    meter.loaded(key, 5, 'vault-forbidden');
    expect(failureOf(key)).toMatchObject({ times: 1 });
  });

  test('is that load’s alone', () => {
    const { meter, failureOf } = createFixture();
    meter.loaded(token, 5, 'entra-unavailable');
    expect(failureOf(token)).toMatchObject({ reason: 'entra-unavailable' });
    expect([key, secret].map(failureOf)).toEqual([undefined, undefined]);
  });

  test('is kept of what the configuration names, and of nothing else', () => {
    const { meter, failureOf } = createFixture();
    const others: Load[] = [
      { ...token, scope: 'api://b/.default' as ScopeName },
      { kind: 'key' },
      { kind: 'identity' },
    ];
    for (const load of others) meter.loaded(load, 5, 'unexpected');
    expect(others.map(failureOf)).toEqual([undefined, undefined, undefined]);
  });
});

describe('the series', () => {
  const last = (counts: readonly number[]) => counts.slice(-3);

  test('have sixty intervals, and count each thing in its own', () => {
    const { meter, decide, series } = createFixture();
    expect(Object.values(series()).map((counts) => counts.length)).toEqual([60, 60, 60, 60, 60, 60]);
    decide();
    decide({ action: 'apis.list' });
    decide({ outcome: 'refused', caller: undefined });
    decide({ outcome: 'failed', action: 'status.read' });
    meter.asked('key', true);
    meter.asked('token', true);
    meter.asked('token', false);
    meter.loaded(key, 5);
    meter.loaded({ kind: 'signing-keys' }, 5);
    meter.loaded(key, 5, 'vault-unavailable');
    const sums = Object.entries(series()).map(([name, counts]) => [name, counts.at(-1)]);
    expect(Object.fromEntries(sums)).toEqual({
      handOuts: 1,
      refusals: 2,
      cacheHits: 2,
      cacheMisses: 1,
      upstreamLoads: 2,
      upstreamFailures: 1,
    });
  });

  test('go on with time, oldest first, and the last is under way', async () => {
    const { clock, decide, series } = createFixture();
    decide();
    await clock.advance(minute - 1);
    decide();
    expect(last(series().handOuts)).toEqual([0, 0, 2]);
    await clock.advance(1);
    decide();
    expect(last(series().handOuts)).toEqual([0, 2, 1]);
    await clock.advance(minute);
    expect(last(series().handOuts)).toEqual([2, 1, 0]);
  });

  test.each([58, 59, 60, 61, 119, 120, 121, 100_000])(
    'forget what is an hour old: after %i minutes',
    async (minutes) => {
      const { clock, decide, series } = createFixture();
      decide();
      await clock.advance(minutes * minute);
      decide();
      const { handOuts } = series();
      expect(handOuts.at(-1)).toBe(1);
      expect(handOuts.reduce((sum, each) => sum + each)).toBe(minutes < 60 ? 2 : 1);
      expect(handOuts.at(-1 - minutes) ?? 0).toBe(minutes < 60 ? 1 : 0);
      await clock.advance(5 * minute);
      expect(series().handOuts.slice(-6)).toEqual([1, 0, 0, 0, 0, 0]);
    },
  );
});

test('a step and a lost audit record are counted elsewhere, and disturb nothing', () => {
  const { meter, series } = createFixture();
  const before = series();
  meter.auditFailed();
  expect(series()).toEqual(before);
});
