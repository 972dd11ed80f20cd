import { describe, expect, test } from '@jest/globals';
import { createFaults } from '../../../local/stand-ins/faults.ts';
import { faultRoutes } from '../../../local/stand-ins/control/fault-routes.ts';
import { drawFault } from '../../../scripts/soak/faults.ts';
import { createWeather } from '../../../scripts/soak/weather.ts';
import { createRandom } from '../../simulation/random.ts';
import { createManualClock } from '../../support/manual-clock.ts';

const hourMs = 3_600_000;

async function liveThrough(seed: number, ms: number) {
  const clock = createManualClock();
  const made: { at: number; what: object }[] = [];
  const weather = createWeather({
    clock,
    random: createRandom(seed),
    fault: async (rule) => made.push({ at: clock.monotonic(), what: rule }),
    kill: async (awayMs) => void made.push({ at: clock.monotonic(), what: { awayMs } }),
    onTrouble: (error) => {
      throw error;
    },
  });
  weather.start();
  await clock.advance(ms);
  return { clock, made, weather };
}

describe('The weather of a soak', () => {
  test('has a fault every three to eight seconds', async () => {
    const { made, weather } = await liveThrough(8, hourMs);
    const gaps = made.slice(1).map(({ at }, index) => at - (made[index]?.at ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(3_000);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(8_000);
    expect(weather.figures()).toMatchObject({ faults: made.length });
    expect(weather.figures().longestGapMs).toBeLessThanOrEqual(8_000);
  });

  test('is the same for the same seed, and another for another', async () => {
    const [one, again, other] = await Promise.all([8, 8, 9].map((seed) => liveThrough(seed, hourMs / 10)));
    expect(again?.made).toEqual(one?.made);
    expect(other?.made).not.toEqual(one?.made);
  });

  test('ends when it is told to', async () => {
    const { clock, made, weather } = await liveThrough(8, 60_000);
    weather.stop();
    const before = made.length;
    await clock.advance(60_000);
    expect(made).toHaveLength(before);
    expect(clock.pending()).toBe(0);
  });

  test('tells how long there was none', async () => {
    const { clock, weather } = await liveThrough(8, 60_000);
    weather.stop();
    await clock.advance(60_000);
    expect(weather.figures().longestGapMs).toBeGreaterThan(50_000);
  });

  test('excuses a gateway for as long as its fault, and a moment after it', async () => {
    const { clock, made, weather } = await liveThrough(8, hourMs / 10);
    const spells = made.flatMap(({ at, what }) => ('instance' in what ? [{ at, what }] : []));
    expect(spells.length).toBeGreaterThan(3);
    const last = spells.at(-1);
    const gateway = Number(last?.what.instance);
    expect(weather.wasFaulty(gateway, last?.at ?? 0)).toBe(true);
    weather.stop();
    await clock.advance(10_000);
    expect(weather.wasFaulty(gateway, clock.monotonic())).toBe(false);
  });
});

test('Whatever fault is drawn, the stack knows it, and it is over within six seconds', async () => {
  const random = createRandom(1);
  const names = new Set<string>();
  for (let drawn = 0; drawn < 3_000; drawn += 1) {
    const { name, rule, lastsMs } = drawFault(random);
    names.add(name);
    expect(lastsMs).toBeLessThanOrEqual(6_000);
    if (rule === 'kill') continue;
    const { POST } = faultRoutes(createFaults(createManualClock()))['/faults'] ?? {};
    expect(await POST?.({ name: '', body: { ...rule, for: `${lastsMs}ms` } })).toMatchObject({ status: 201 });
  }
  expect(names.size).toBe(47);
});
