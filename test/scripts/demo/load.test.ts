import { describe, expect, test } from '@jest/globals';
import { startLoad } from '../../../scripts/demo/load.ts';
import type { Asked, HeaderSet, Refusal } from '../../../scripts/demo/load.ts';
import { createManualClock } from '../../support/manual-clock.ts';

type Use = { gateway: number; set: HeaderSet; at: number };

/** Three callers of a broker whose header sets live for five seconds. */
function start({ ask, use, away }: { ask?: () => Asked; use?: (use: Use) => number; away?: () => boolean } = {}) {
  const clock = createManualClock();
  const asked: number[] = [];
  const uses: Use[] = [];
  const told: Refusal[] = [];
  const random = createRandom();
  const load = startLoad(
    {
      clock,
      random,
      ask: async (caller, api) => {
        asked.push(clock.wall());
        return ask ? ask() : { id: `${caller}-${asked.length}`, api, headers: {}, expiresOn: clock.wall() + 5_000 };
      },
      use: async (gateway, set) => {
        const one = { gateway, set, at: clock.wall() };
        uses.push(one);
        return use?.(one) ?? 200;
      },
      isBrokerAway: away ?? (() => false),
    },
    {
      callers: ['one', 'two', 'three'].map((caller) => ({ caller, api: 'core' })),
      gateways: 3,
      askEveryMs: 100,
      usesPerSet: 6,
      onRefusal: (refusal) => told.push(refusal),
    },
  );
  return { clock, load, asked, uses, told };
}

/** The same numbers each time. */
function createRandom(): () => number {
  let state = 7;
  return () => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647;
}

describe('the load of the demonstration', () => {
  test('uses each header set before it expires, at any gateway, and once in the last of its life', async () => {
    const { clock, load, uses } = start();
    await clock.advance(20_000);
    expect(uses.filter(({ at, set }) => at >= set.expiresOn)).toEqual([]);
    expect(new Set(uses.map(({ gateway }) => gateway))).toEqual(new Set([0, 1, 2]));
    const isOver = ({ set }: Use) => set.expiresOn <= clock.wall();
    const over = Map.groupBy(uses.filter(isOver), ({ set }) => set.id);
    expect(over.size).toBeGreaterThan(400);
    for (const ofOne of over.values()) {
      expect(ofOne).toHaveLength(6);
      expect(ofOne.some(({ at, set }) => set.expiresOn - at <= 250)).toBe(true);
    }
    expect(load.figures()).toMatchObject({ uses: uses.length, refusals: 0, askedAgain: 0 });
    await load.stop();
    expect(clock.pending()).toBe(0);
  });

  test('counts each answer of a gateway but 200 as a refusal, and tells of the first ones', async () => {
    const { clock, load, told } = start({ use: ({ gateway }) => (gateway === 2 ? 401 : 200) });
    await clock.advance(5_000);
    const { uses, refusals } = load.figures();
    expect(refusals).toBeGreaterThan(uses / 5);
    expect(told).toHaveLength(20);
    const [first] = told;
    expect(first).toMatchObject({ by: 'gateway', gateway: 2, status: 401, api: 'core' });
    expect((first?.ageMs ?? 0) + (first?.leftMs ?? 0)).toBe(5_000);
    await load.stop();
  });

  test('counts a refusal of the broker’s, too', async () => {
    const { clock, load, asked } = start({ ask: () => ({ status: 503 }) });
    await clock.advance(1_000);
    expect(load.figures()).toEqual({ headerSets: 0, uses: 0, refusals: asked.length, askedAgain: 0 });
    await load.stop();
  });

  test.each<[string, Asked, boolean]>([
    ['does not answer', 'unreachable', false],
    ['is being restarted', { status: 503 }, true],
  ])('asks a broker that %s again, and what is held goes on being used', async (_what, answer, isAway) => {
    let isDown = false;
    const given = { id: 'held', api: 'core', headers: {}, expiresOn: Date.UTC(2026, 10, 24, 3, 0, 30) };
    const { clock, load, asked, uses } = start({
      ask: () => (isDown ? answer : given),
      away: () => isDown && isAway,
    });
    await clock.advance(2_000);
    isDown = true;
    const [sets, used, before] = [load.figures().headerSets, uses.length, asked.length];
    await clock.advance(2_000);
    const { headerSets, refusals, askedAgain } = load.figures();
    expect({ headerSets, refusals, askedAgain }).toEqual({
      headerSets: sets,
      refusals: 0,
      askedAgain: asked.length - before,
    });
    expect(askedAgain).toBeGreaterThan(20);
    expect(uses.length).toBeGreaterThan(used);
    await load.stop();
  });

  test('does not use a header set whose time is over by the wall when its moment comes', async () => {
    const { clock, load, uses } = start();
    await clock.advance(500);
    const { headerSets } = load.figures();
    clock.setWall(clock.wall() + 60_000);
    await clock.advance(5_000);
    expect(load.figures().headerSets).toBeGreaterThan(headerSets);
    expect(uses.filter(({ at, set }) => at >= set.expiresOn)).toEqual([]);
    await load.stop();
  });
});
