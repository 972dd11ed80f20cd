import { describe, expect, jest, test } from '@jest/globals';
import { BrokerError } from '../../shared/errors.ts';
import { createRefreshing, type Loaded, type RefreshingOptions } from '../../shared/refreshing.ts';
import { createManualClock } from '../support/manual-clock.ts';

const signal = new AbortController().signal;
const hour = 3_600_000;

/** A source that counts its loads, and answers, fails or waits as it is told. */
function createFixture(options: Partial<RefreshingOptions> = {}) {
  const clock = createManualClock();
  const state: { loads: number; error: unknown; gate: Promise<void>; lifeMs: number } = {
    loads: 0,
    error: undefined,
    gate: Promise.resolve(),
    lifeMs: hour,
  };
  const load = async (): Promise<Loaded<number>> => {
    const startedAt = clock.monotonic();
    const number = (state.loads += 1);
    await state.gate;
    if (state.error !== undefined) throw state.error;
    return { value: number, refreshAt: startedAt + state.lifeMs / 2, expiresAt: startedAt + state.lifeMs };
  };
  const cache = createRefreshing(clock, load, {
    shortLived: 'entra-answer-malformed',
    onFailure: () => {},
    random: () => 1,
    ...options,
  });
  const get = async (leastMs = 0) => (await cache.get(leastMs, signal)).value;
  return { clock, state, cache, get };
}

function closedGate() {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { gate: promise, open: resolve };
}

describe('a value that is refreshed ahead of need', () => {
  test('is loaded once for all who ask at once', async () => {
    const { get, state } = createFixture();
    const values = await Promise.all(Array.from({ length: 500 }, () => get()));
    expect(new Set(values)).toEqual(new Set([1]));
    expect(state.loads).toBe(1);
  });

  test('is not loaded again before half of its life', async () => {
    const { get, state, clock } = createFixture();
    await get();
    await clock.advance(hour / 2 - 1);
    await get();
    expect(state.loads).toBe(1);
  });

  test('is loaded in the background from half of its life, and nobody waits for it', async () => {
    const { get, state, clock } = createFixture();
    await get();
    const { gate, open } = closedGate();
    state.gate = gate;
    await clock.advance(hour / 2);
    expect(await Promise.all([get(), get(), get()])).toEqual([1, 1, 1]);
    expect(state.loads).toBe(2);
    open();
    await clock.advance(0);
    expect(await get()).toBe(2);
  });

  test('serves until its last moment while every refresh fails', async () => {
    const onFailure = jest.fn();
    const { get, state, clock } = createFixture({ onFailure });
    await get();
    state.error = new BrokerError('entra-unavailable');
    for (let minute = 1; minute < 60; minute += 1) {
      await clock.advance(60_000);
      expect(await get(300_000)).toBe(1);
    }
    expect(onFailure).toHaveBeenCalled();
    await clock.advance(60_000);
    await expect(get()).rejects.toMatchObject({ reason: 'entra-unavailable' });
  });

  test('is not offered with less life than was asked for, while a load can bring more', async () => {
    const { get, clock } = createFixture();
    await get();
    await clock.advance(hour - 200_000);
    expect(await get(300_000)).toBe(2);
  });

  test('is offered with all that is left when the load for more fails', async () => {
    const { get, state, clock } = createFixture();
    await get();
    await clock.advance(hour - 200_000);
    state.error = new BrokerError('entra-unavailable');
    expect(await get(300_000)).toBe(1);
  });

  test('whose whole life is shorter than what is asked for costs one load for each half of it, not one for each request', async () => {
    const { get, state, clock } = createFixture();
    state.lifeMs = 60_000;
    for (let second = 0; second < 29; second += 1) {
      await get(300_000);
      await clock.advance(1_000);
    }
    expect(state.loads).toBe(1);
  });

  test('is never offered in its last ten seconds', async () => {
    const { get, state, clock } = createFixture();
    await get();
    state.error = new BrokerError('entra-unavailable');
    await clock.advance(hour - 10_000);
    expect(await get()).toBe(1);
    await clock.advance(1);
    await expect(get()).rejects.toMatchObject({ reason: 'entra-unavailable' });
  });
});

describe('a load', () => {
  test.each([[0], [5_000], [-1], [9_999]])(
    'that brings %d ms of life is a failure, and is not repeated at once',
    async (lifeMs) => {
      const { get, state } = createFixture();
      state.lifeMs = lifeMs;
      await expect(get()).rejects.toMatchObject({ reason: 'entra-answer-malformed' });
      await expect(get()).rejects.toMatchObject({ reason: 'entra-answer-malformed' });
      expect(state.loads).toBe(1);
    },
  );

  test('that takes longer than what it brings lives is a failure', async () => {
    const { get, state, clock } = createFixture();
    const { gate, open } = closedGate();
    state.gate = gate;
    const asking = expect(get()).rejects.toMatchObject({ reason: 'entra-answer-malformed' });
    await clock.advance(hour);
    open();
    await asking;
  });

  test('for more life is waited for a second, and then all that is left is offered', async () => {
    const { get, state, clock } = createFixture();
    await get();
    await clock.advance(hour - 200_000);
    state.gate = new Promise(() => {});
    let value: number | undefined;
    void get(300_000).then((got) => (value = got));
    await clock.advance(999);
    expect(value).toBeUndefined();
    await clock.advance(1);
    expect(value).toBe(1);
  });

  test('for more life is tried again, though one has failed long ago', async () => {
    const { get, state, clock } = createFixture();
    await get();
    state.error = new BrokerError('entra-unavailable');
    await clock.advance(hour / 2);
    await get();
    await clock.advance(0);
    state.error = undefined;
    await clock.advance(hour / 2 - 200_000);
    expect(await get(300_000)).toBe(3);
  });

  test('that throws before it is a promise leaves the next one free to run', async () => {
    const clock = createManualClock();
    let loads = 0;
    const load = () => {
      loads += 1;
      throw new BrokerError('vault-unavailable');
    };
    const cache = createRefreshing(clock, load, { shortLived: 'unexpected', onFailure: () => {} });
    await expect(cache.get(0, signal)).rejects.toThrow();
    await clock.advance(60_000);
    await expect(cache.get(0, signal)).rejects.toThrow();
    expect(loads).toBe(2);
  });
});

describe('a source that fails', () => {
  test('is left alone for a second, then two, then four, up to half a minute', async () => {
    const { get, state, clock } = createFixture();
    state.error = new BrokerError('vault-unavailable');
    const waits: number[] = [];
    for (let failure = 0; failure < 8; failure += 1) {
      await expect(get()).rejects.toThrow();
      let waited = 0;
      for (const loads = state.loads; state.loads === loads; waited += 250) {
        await clock.advance(250);
        await expect(get()).rejects.toThrow();
      }
      waits.push(waited);
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  });

  test('is left alone for as long as it asks', async () => {
    const { get, state, clock } = createFixture();
    state.error = new BrokerError('vault-unavailable', { retryAfterMs: 20_000 });
    await expect(get()).rejects.toThrow();
    await clock.advance(19_999);
    await expect(get()).rejects.toMatchObject({ reason: 'vault-unavailable', retryAfterMs: 1 });
    expect(state.loads).toBe(1);
    await clock.advance(1);
    await expect(get()).rejects.toThrow();
    expect(state.loads).toBe(2);
  });

  test('answers again after one good load, with its waits forgotten', async () => {
    const { get, state, clock } = createFixture();
    state.error = new BrokerError('vault-unavailable');
    await expect(get()).rejects.toThrow();
    state.error = undefined;
    await clock.advance(1_000);
    expect(await get()).toBe(2);
  });

  test('is told of once for each failed load, however many waited', async () => {
    const onFailure = jest.fn();
    const { get, state } = createFixture({ onFailure });
    state.error = new BrokerError('vault-unavailable');
    await Promise.allSettled(Array.from({ length: 50 }, () => get()));
    expect(onFailure).toHaveBeenCalledTimes(1);
  });
});

describe('whoever waits', () => {
  test('ends with its own signal, while the load goes on for the others', async () => {
    const { cache, state } = createFixture();
    const { gate, open } = closedGate();
    state.gate = gate;
    const controller = new AbortController();
    const impatient = cache.get(0, controller.signal);
    const patient = cache.get(0, signal);
    controller.abort(new BrokerError('deadline'));
    await expect(impatient).rejects.toMatchObject({ reason: 'deadline' });
    open();
    expect((await patient).value).toBe(1);
    expect(state.loads).toBe(1);
  });

  test('for a reload shares the load under way', async () => {
    const { cache, state } = createFixture();
    await Promise.all([cache.reload(signal), cache.reload(signal), cache.get(0, signal)]);
    expect(state.loads).toBe(1);
  });
});

describe('where refreshes are spread', () => {
  const dueAfterFirst = async (spread: number) => {
    const { cache, clock } = createFixture({ spread: () => spread });
    return (await cache.get(0, signal)).refreshAt - clock.monotonic();
  };

  test('the one after a first load is due at random, from an eighth to a half of a life', async () => {
    expect([await dueAfterFirst(0), await dueAfterFirst(0.5), await dueAfterFirst(1)]).toEqual([
      hour / 8,
      (hour * 5) / 16,
      hour / 2,
    ]);
  });

  test('each after that is due at the half, and the one after an outage at random again', async () => {
    const { cache, clock, state, get } = createFixture({ spread: () => 0 });
    await get();
    await clock.advance(hour / 8);
    await get();
    await clock.advance(0);
    expect(cache.peek()?.refreshAt).toBe(clock.monotonic() + hour / 2);
    await clock.advance(hour / 2);
    state.error = new BrokerError('entra-unavailable');
    await get();
    await clock.advance(1_000);
    state.error = undefined;
    await get();
    await clock.advance(0);
    expect(cache.peek()?.refreshAt).toBe(clock.monotonic() + hour / 8);
  });

  test('nothing lives longer for it', async () => {
    const { cache } = createFixture({ spread: () => 0.5 });
    expect((await cache.get(0, signal)).expiresAt).toBe(hour);
  });

  test('what is never to be refreshed is not', async () => {
    const clock = createManualClock();
    const forever = () => Promise.resolve({ value: 1, refreshAt: Infinity, expiresAt: Infinity });
    const cache = createRefreshing(clock, forever, { shortLived: 'unexpected', onFailure: () => {}, spread: () => 0 });
    expect((await cache.get(0, signal)).refreshAt).toBe(Infinity);
  });
});

describe('where the source has nothing to spare', () => {
  test('no refresh begins that nobody waits for, and one that somebody waits for does', async () => {
    const { cache, clock, state, get } = createFixture({ mayBegin: () => false });
    await get();
    await clock.advance(hour / 2);
    await get();
    expect(state.loads).toBe(1);
    await clock.advance(hour / 4);
    expect((await cache.get(hour / 2, signal)).value).toBe(2);
  });
});
