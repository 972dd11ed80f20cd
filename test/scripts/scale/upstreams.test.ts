import { expect, test } from '@jest/globals';
import { createEventClock } from '../../../scripts/scale/event-clock.ts';
import { createUpstreams, type Weather } from '../../../scripts/scale/upstreams.ts';
import { neverAborted } from '../../../shared/deadline.ts';
import type { SecretName } from '../../../shared/names.ts';

const calm: Weather = { countedFromMs: 0, countedUntilMs: 60_000, throttledFromMs: 0 };

/** A vault that stands for a thousandth of the fleet, so that it answers 4 times in 10 s. */
function createFixture(weather = calm) {
  const clock = createEventClock();
  const upstreams = createUpstreams(clock, weather, 1_000);
  const { store } = upstreams.connect();
  const results: (number | 'answered')[] = [];
  const read = () =>
    store.read('secret' as SecretName, neverAborted).then(
      () => results.push('answered'),
      (error: { upstream: number }) => results.push(error.upstream),
    );
  return { clock, upstreams, results, read };
}

test('a client’s first read is two transactions, and so is each that begins before it is answered', async () => {
  const { clock, upstreams, read } = createFixture({ ...calm, throttledFromMs: Infinity });
  void read();
  void read();
  await clock.runUntil(1_000);
  void read();
  await clock.runUntil(2_000);
  expect(upstreams.summary().vault.total).toBe(5 * 1_000);
});

test('the vault answers its share of the limit in each ten seconds, and refuses the rest with 429', async () => {
  const { clock, upstreams, results, read } = createFixture();
  for (const at of [0, 1_000, 2_000, 3_000, 4_000, 9_000, 10_000]) {
    await clock.runUntil(at);
    void read();
  }
  await clock.runUntil(11_000);
  expect(results).toEqual(['answered', 'answered', 'answered', 429, 429, 429, 'answered']);
  expect(upstreams.summary()).toMatchObject({ vault: { total: 8_000 }, refused: 3_000 });
});

test('while it is down it refuses every read with 503', async () => {
  const { clock, results, read } = createFixture({ ...calm, outage: { fromMs: 0, untilMs: 5_000 } });
  void read();
  await clock.runUntil(5_000);
  void read();
  await clock.runUntil(6_000);
  expect(results).toEqual([503, 'answered']);
});
