import { describe, expect, test } from '@jest/globals';
import { createGroupCommit } from '../../../shared/telemetry/group-commit.ts';
import { refusalOf } from '../http/exchange.ts';

type Item = { readonly id: number; readonly day?: string; readonly bytes?: number };
type Write = { items: readonly Item[]; done: () => void; fail: (error: unknown) => void };

const { signal } = new AbortController();
const settle = () => new Promise((resolve) => setImmediate(resolve));

/** A group commit whose transactions end when the test says so. `told` are the items whose waiters were told, in order. */
function createFixture(most = { items: 100, bytes: 1_000 }, mostWaiting = 1_000) {
  const writes: Write[] = [];
  const told: (number | string)[] = [];
  const commit = createGroupCommit<Item>({
    write: (items) => new Promise((done, fail) => writes.push({ items, done, fail })),
    keyOf: ({ day = '' }) => day,
    sizeOf: ({ bytes = 1 }) => bytes,
    most,
    mostWaiting,
  });
  const add = (item: Item, until = signal) =>
    commit.add(item, until).then(
      () => void told.push(item.id),
      () => void told.push(`not ${item.id}`),
    );
  const ids = () => writes.map(({ items }) => items.map(({ id }) => id));
  const end = async (index: number, error?: unknown) => {
    if (error === undefined) writes[index]?.done();
    else writes[index]?.fail(error);
    await settle();
  };
  return { commit, add, ids, end, told };
}

describe('a group commit', () => {
  test('writes an item that comes alone at once', () => {
    const { add, ids } = createFixture();
    void add({ id: 1 });
    expect(ids()).toEqual([[1]]);
  });

  test('writes together, and in order, all that came while a transaction was under way', async () => {
    const { add, ids, end } = createFixture();
    for (let id = 1; id <= 5; id += 1) void add({ id });
    expect(ids()).toEqual([[1]]);
    await end(0);
    expect(ids()).toEqual([[1], [2, 3, 4, 5]]);
  });

  test('has one transaction under way, whatever comes', async () => {
    const { add, ids, end } = createFixture({ items: 2, bytes: 1_000 });
    for (let id = 1; id <= 5; id += 1) void add({ id });
    await settle();
    expect(ids()).toHaveLength(1);
    await end(0);
    void add({ id: 6 });
    await settle();
    expect(ids()).toEqual([[1], [2, 3]]);
    await end(1);
    await end(2);
    expect(ids()).toEqual([[1], [2, 3], [4, 5], [6]]);
  });

  test('tells each waiter when its own item is written, and nobody before', async () => {
    const { add, end, told } = createFixture();
    for (let id = 1; id <= 3; id += 1) void add({ id });
    await settle();
    expect(told).toEqual([]);
    await end(0);
    expect(told).toEqual([1]);
    await end(1);
    expect(told).toEqual([1, 2, 3]);
  });

  test('tells each waiter of a transaction that failed, and goes on with the next', async () => {
    const { add, ids, end, told } = createFixture({ items: 2, bytes: 1_000 });
    for (let id = 1; id <= 5; id += 1) void add({ id });
    await end(0);
    await end(1, new Error('lost'));
    await end(2);
    expect(told).toEqual([1, 'not 2', 'not 3', 4, 5]);
    expect(ids()).toEqual([[1], [2, 3], [4, 5]]);
  });

  test.each([
    [100, 1_000, [1, 100, 100, 49]],
    [100, 40, [1, 40, 40, 40, 40, 40, 40, 9]],
  ])('puts no more than %i items and %i bytes into one', async (items, bytes, sizes) => {
    const { add, ids, end } = createFixture({ items, bytes });
    for (let id = 1; id <= 250; id += 1) void add({ id });
    for (let index = 0; index < sizes.length; index += 1) await end(index);
    expect(ids().map(({ length }) => length)).toEqual(sizes);
  });

  test('writes an item alone that is too large to stand beside another', async () => {
    const { add, ids, end } = createFixture();
    const sizes = [1, 999, 2_000, 1];
    for (const [id, bytes] of sizes.entries()) void add({ id, bytes });
    for (let index = 0; index < 4; index += 1) await end(index);
    expect(ids()).toEqual([[0], [1], [2], [3]]);
  });

  test('puts items of different days into different transactions, in order', async () => {
    const { add, ids, end } = createFixture();
    for (const [id, day] of ['a', 'a', 'a', 'b', 'b', 'a'].entries()) void add({ id, day });
    for (let index = 0; index < 4; index += 1) await end(index);
    expect(ids()).toEqual([[0], [1, 2], [3, 4], [5]]);
  });

  test('leaves out what nobody waits for any more, and tells its waiter at once', async () => {
    const { add, ids, end, told } = createFixture();
    const controller = new AbortController();
    void add({ id: 1 });
    void add({ id: 2 }, controller.signal);
    void add({ id: 3 });
    controller.abort();
    await settle();
    expect(told).toEqual(['not 2']);
    await end(0);
    expect(ids()).toEqual([[1], [3]]);
  });

  test('makes no transaction of nothing', async () => {
    const { add, ids, end } = createFixture();
    const controller = new AbortController();
    void add({ id: 1 });
    void add({ id: 2 }, controller.signal);
    controller.abort();
    await end(0);
    expect(ids()).toEqual([[1]]);
    void add({ id: 3 });
    expect(ids()).toEqual([[1], [3]]);
  });

  test('refuses whoever comes when too many wait, and takes others when there is room again', async () => {
    const { commit, add, end, ids } = createFixture(undefined, 3);
    for (let id = 1; id <= 4; id += 1) void add({ id });
    expect(await refusalOf(commit.add({ id: 5 }, signal))).toMatchObject({ reason: 'audit-unavailable' });
    await end(0);
    void add({ id: 6 });
    await end(1);
    expect(ids()).toEqual([[1], [2, 3, 4], [6]]);
  });
});
