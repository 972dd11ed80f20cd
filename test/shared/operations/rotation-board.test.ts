import { describe, expect, test } from '@jest/globals';
import { BrokerError } from '../../../shared/errors.ts';
import type { SubscriptionName } from '../../../shared/names.ts';
import { createRotationBoard } from '../../../shared/operations/rotation-board.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { sampleRecord } from '../../support/sample-record.ts';

const signal = new AbortController().signal;
const names = Array.from({ length: 20 }, (_, index) => `s-${index}` as SubscriptionName);
const [a, b, c] = names as [SubscriptionName, SubscriptionName, SubscriptionName];
const found = (name: SubscriptionName) => ({ record: sampleRecord(name) });

/** A store whose reads are counted, and answered as `answer` says. */
function createFixture(answer: (name: SubscriptionName) => Promise<boolean> = async () => true, subscriptions = names) {
  const clock = createManualClock();
  const state = { reads: 0, atOnce: 0, most: 0 };
  const read = async (name: SubscriptionName) => {
    state.reads += 1;
    state.most = Math.max(state.most, (state.atOnce += 1));
    try {
      await Promise.resolve();
      return (await answer(name)) ? { record: sampleRecord(name), etag: 'etag' } : undefined;
    } finally {
      state.atOnce -= 1;
    }
  };
  const board = createRotationBoard({ clock, records: { read } }, { subscriptions, upstreamTimeoutMs: 3_000 });
  return { clock, state, board };
}

describe('the board of rotations', () => {
  test('shows every record', async () => {
    const { board } = createFixture();
    expect(await board.read(signal)).toEqual(new Map(names.map((name) => [name, found(name)])));
  });

  test('reads each record once for however many look within three seconds', async () => {
    const { clock, state, board } = createFixture();
    await Promise.all(Array.from({ length: 50 }, () => board.read(signal)));
    await clock.advance(2_999);
    await board.read(signal);
    expect(state.reads).toBe(names.length);
    await clock.advance(1);
    await board.read(signal);
    expect(state.reads).toBe(2 * names.length);
  });

  test('reads a few at once, and not all', async () => {
    const { state, board } = createFixture();
    await board.read(signal);
    expect(state.most).toBe(8);
  });

  test('shows what was changed by us at once', async () => {
    let isThere = false;
    const { board } = createFixture(async () => isThere, [a]);
    expect(await board.read(signal)).toEqual(new Map([[a, { problem: 'no-record' }]]));
    isThere = true;
    board.forget();
    expect(await board.read(signal)).toEqual(new Map([[a, found(a)]]));
  });

  test('shows why a record cannot be read, and the others', async () => {
    const answers = new Map<SubscriptionName, () => Promise<boolean>>([
      [a, () => Promise.reject(new BrokerError('record-corrupt'))],
      [b, () => Promise.reject(new TypeError('CANARYfeedface'))],
    ]);
    const { board } = createFixture((name) => answers.get(name)?.() ?? Promise.resolve(true), [a, b, c]);
    expect([...(await board.read(signal)).values()]).toEqual([
      { problem: 'record-corrupt' },
      { problem: 'unexpected' },
      found(c),
    ]);
  });

  test('waits for storage no longer than for any upstream, and shows what has come by then', async () => {
    const { clock, board } = createFixture((name) => (name === a ? Promise.resolve(true) : new Promise(() => {})));
    const reading = board.read(signal);
    await clock.advance(3_000);
    const seen = await reading;
    expect(seen.get(a)).toEqual(found(a));
    expect(names.slice(1).map((name) => seen.get(name))).toEqual(
      names.slice(1).map(() => ({ problem: 'storage-unavailable' })),
    );
  });

  test('ends for whoever gives up, and goes on for the others', async () => {
    const { clock, board } = createFixture(() => new Promise(() => {}), [a]);
    const controller = new AbortController();
    const [left, waiting] = [board.read(controller.signal), board.read(signal)];
    controller.abort(new BrokerError('deadline'));
    await expect(left).rejects.toMatchObject({ reason: 'deadline' });
    await clock.advance(3_000);
    expect((await waiting).get(a)).toEqual({ problem: 'storage-unavailable' });
  });

  test('is empty where nothing is rotated', async () => {
    const { state, board } = createFixture(undefined, []);
    expect(await board.read(signal)).toEqual(new Map());
    expect(state.reads).toBe(0);
  });
});
