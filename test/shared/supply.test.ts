import { describe, expect, test } from '@jest/globals';
import type { HeaderSet, Requirement } from '../../shared/credentials/header-set.ts';
import { BrokerError } from '../../shared/errors.ts';
import type { SubscriptionName } from '../../shared/names.ts';
import { createSupply } from '../../shared/supply.ts';

const requirementsOf = (count: number) =>
  Array.from({ length: count }, (_, index): Requirement => ({ subscription: `s-${index}` as SubscriptionName }));
const set: HeaderSet = { id: 'hs_', headers: [], lifeMs: 1, key: 'k' as HeaderSet['key'], token: undefined };

/** Header sets that wait until the test lets them go, all that have been asked for at once. */
function createFixture(count: number, isRefused: (subscription: string) => boolean = () => false) {
  const waiting: (() => void)[] = [];
  const asked: string[] = [];
  const supply = createSupply(
    { load: () => Promise.resolve() },
    {
      isCached: () => false,
      handOut: async ({ subscription }) => {
        asked.push(subscription);
        await new Promise<void>((resolve) => waiting.push(resolve));
        if (isRefused(subscription)) throw new BrokerError('vault-unavailable');
        return set;
      },
    },
    requirementsOf(count),
  );
  const letGo = async () => {
    const released = waiting.splice(0);
    for (const resolve of released) resolve();
    await new Promise((resolve) => setImmediate(resolve));
    return released.length;
  };
  return { supply, asked, letGo };
}

describe('a warm-up', () => {
  test('begins with eight header sets side by side, in order, and gathers pace up to 32', async () => {
    const { supply, asked, letGo } = createFixture(200);
    const warming = supply.warm(new AbortController().signal);
    const rounds: number[] = [];
    while (asked.length < 200) rounds.push(await letGo());
    rounds.push(await letGo());
    expect(rounds.slice(0, 4)).toEqual([8, 16, 32, 32]);
    expect(Math.max(...rounds)).toBe(32);
    expect(new Set(asked)).toEqual(new Set(requirementsOf(200).map(({ subscription }) => subscription)));
    expect(await warming).toBe(0);
  });

  test('does not gather pace while it is refused, and tells of each that could not be had', async () => {
    const { supply, letGo } = createFixture(40, () => true);
    const warming = supply.warm(new AbortController().signal);
    const rounds: number[] = [];
    for (let round = 0; round < 5; round += 1) rounds.push(await letGo());
    expect(rounds).toEqual([8, 8, 8, 8, 8]);
    expect(await warming).toBe(40);
  });

  test('begins nothing more once its time is up', async () => {
    const { supply, asked, letGo } = createFixture(100);
    const controller = new AbortController();
    const warming = supply.warm(controller.signal);
    controller.abort();
    await letGo();
    expect(asked).toHaveLength(8);
    expect(await warming).toBe(92);
  });
});

describe('whether an instance is ready', () => {
  test('is known as soon as one API can be served, wherever it stands', async () => {
    const { supply, letGo } = createFixture(100, (subscription) => subscription !== 's-70');
    const ready = supply.isReady(new AbortController().signal);
    expect([await letGo(), await letGo(), await letGo()]).toEqual([32, 32, 32]);
    expect(await ready).toBe(true);
  });

  test('is no where none can be served', async () => {
    const { supply, letGo } = createFixture(3, () => true);
    const ready = supply.isReady(new AbortController().signal);
    await letGo();
    expect(await ready).toBe(false);
  });
});
