import { AsyncLocalStorage } from 'node:async_hooks';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { Broker } from '../../shared/broker.ts';
import { createBrokerLoading, type BrokerLoading } from '../../shared/broker-loading.ts';
import { createManualClock, type ManualClock } from '../support/manual-clock.ts';

let clock: ManualClock;
let lines: string[];
/** How each load ends, in the order in which they began. */
let loads: PromiseWithResolvers<Broker>[];
let loading: BrokerLoading;
beforeEach(() => {
  clock = createManualClock();
  [lines, loads] = [[], []];
  const load = () => {
    const begun = Promise.withResolvers<Broker>();
    loads.push(begun);
    return begun.promise;
  };
  loading = createBrokerLoading({ clock, load, tell: (line) => void lines.push(line) });
});

/** What the host does with a rejection that nobody handles: it ends the worker. */
const unhandled = jest.fn();
beforeEach(() => void process.on('unhandledRejection', unhandled));
afterEach(() => {
  process.off('unhandledRejection', unhandled);
  unhandled.mockReset();
});

const broker = {} as Broker;
const broken = new SyntaxError('Unexpected end of input');

describe('the broker', () => {
  test('is not loaded while the host still has to hear of the functions, and then without being asked for', async () => {
    loading.loadSoon();
    await clock.advance(19);
    expect(loads).toHaveLength(0);
    await clock.advance(1);
    expect(loads).toHaveLength(1);
  });

  test('is loaded at once when somebody asks sooner, and only then', async () => {
    loading.loadSoon();
    const asked = loading.withBroker(async (given) => given);
    expect(loads).toHaveLength(1);
    loads[0]?.resolve(broker);
    expect(await asked).toBe(broker);
    await clock.advance(1_000);
    expect(loads).toHaveLength(1);
  });

  test('is loaded once for all who ask while it loads', async () => {
    const asked = Array.from({ length: 3 }, (_, index) => loading.withBroker(async (given) => [index, given]));
    loads[0]?.resolve(broker);
    expect(await Promise.all(asked)).toEqual([0, 1, 2].map((index) => [index, broker]));
    expect(loads).toHaveLength(1);
  });

  test('is called at once when it is loaded: a warm request waits for nothing', async () => {
    const first = loading.withBroker(async () => {});
    loads[0]?.resolve(broker);
    await first;
    const answer = Promise.resolve();
    let given: Broker | undefined;
    const returned = loading.withBroker((loaded) => {
      given = loaded;
      return answer;
    });
    expect(given).toBe(broker);
    expect(returned).toBe(answer);
  });

  test('is built outside of the request that it is loaded for: what it starts belongs to no trace', async () => {
    const storage = new AsyncLocalStorage<string>();
    let seen: string | undefined = 'nothing yet';
    const own = createBrokerLoading({
      clock,
      load: async () => {
        seen = storage.getStore();
        return broker;
      },
      tell: () => {},
    });
    await storage.run('a request', () => own.withBroker(async () => {}));
    expect(seen).toBeUndefined();
  });
});

describe('a broker that cannot be loaded', () => {
  test('is told of in full, once, with the time on each line, by whoever asks first or by nobody', async () => {
    loading.loadSoon();
    await clock.advance(20);
    loads[0]?.reject(broken);
    await clock.advance(0);
    expect(lines.length).toBeGreaterThan(2);
    expect(lines.every((line) => line.startsWith('2026-11-24T03:00:00.020Z error '))).toBe(true);
    expect(lines.join('\n')).toContain('SyntaxError: Unexpected end of input');
    expect(lines.join('\n')).toMatch(/ {4}at .*broker-loading\.test\.ts/);
    const told = lines.length;
    const asked = loading.withBroker(async () => {});
    loads[1]?.reject(broken);
    await expect(asked).rejects.toBe(broken);
    expect(lines).toHaveLength(told);
  });

  test('is an error to each who asked for it, so that the host answers and logs it', async () => {
    const asked = [1, 2].map(() => loading.withBroker(async () => {}));
    loads[0]?.reject(broken);
    expect(await Promise.allSettled(asked)).toEqual([1, 2].map(() => ({ status: 'rejected', reason: broken })));
  });

  test('does not end the worker', async () => {
    loading.loadSoon();
    await clock.advance(20);
    loads[0]?.reject(broken);
    await clock.advance(0);
    await new Promise((resolve) => setImmediate(resolve));
    expect(unhandled).not.toHaveBeenCalled();
  });

  test('is tried again by the next who asks', async () => {
    const first = loading.withBroker(async () => {});
    loads[0]?.reject(broken);
    await expect(first).rejects.toBe(broken);
    const second = loading.withBroker(async (given) => given);
    loads[1]?.resolve(broker);
    expect(await second).toBe(broker);
  });
});
