import { describe, expect, test } from '@jest/globals';
import { BrokerError } from '../../../shared/errors.ts';
import type { StatedReason, SubscriptionName } from '../../../shared/names.ts';
import { createRotations } from '../../../shared/operations/rotations.ts';
import type { SteeringRequest } from '../../../shared/rotation/steer-stored.ts';
import { caller } from '../../support/caller-tokens.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { createMemoryRecords } from '../../support/memory-rotation.ts';
import { name, policyOf } from '../../support/rotation-machine.ts';
import { sampleHistory, sampleRecord } from '../../support/sample-record.ts';

const signal = new AbortController().signal;
const pause: SteeringRequest = {
  subscription: name,
  command: { kind: 'pause' },
  statedReason: 'a drill' as StatedReason,
  operator: caller.objectId,
  idempotencyKey: 'key',
};

function createFixture({ isRotated = true } = {}) {
  const clock = createManualClock();
  const { records, state, put } = createMemoryRecords();
  const forgotten: number[] = [];
  const board = { read: async () => new Map(), forget: () => void forgotten.push(clock.wall()) };
  const policies = new Map(isRotated ? [[name, policyOf()]] : []);
  const rotations = createRotations({ clock, records: isRotated ? records : undefined, board, policies });
  const write = (at: number, etag?: string) =>
    records.write(sampleRecord(name), etag, sampleHistory(name, { at }), signal);
  return { clock, records, state, put, forgotten, write, ...rotations };
}

describe('a rotation', () => {
  test('is its record and the newest lines of its history', async () => {
    const { write, read } = createFixture();
    let etag: string | undefined;
    for (let at = 1; at <= 60; at += 1) etag = await write(at, etag);
    const { rotation, problem, history } = await read(name, signal);
    expect([rotation?.state, problem]).toEqual(['idle', null]);
    expect(history.map(({ at }) => at)).toEqual(Array.from({ length: 50 }, (_, index) => 60 - index));
  });

  test('without a record is one that the timer has not seen yet', async () => {
    expect(await createFixture().read(name, signal)).toEqual({ rotation: null, problem: 'no-record', history: [] });
  });

  test('whose record is corrupt has its history still', async () => {
    const { write, put, read } = createFixture();
    await write(7);
    put(name, { schemaVersion: 2 });
    expect(await read(name, signal)).toEqual({
      rotation: null,
      problem: 'record-corrupt',
      history: [sampleHistory(name, { at: 7 })],
    });
  });

  test('that storage does not tell is not said to be none', async () => {
    const { state, read } = createFixture();
    state.fault = new BrokerError('storage-unavailable');
    await expect(read(name, signal)).rejects.toMatchObject({ reason: 'storage-unavailable' });
  });

  test.each([
    ['that is not configured', true, 'okq8-core' as SubscriptionName],
    ['where there are none', false, name],
  ])('%s is none, and cannot be steered', async (_what, isRotated, subscription) => {
    const { read, steer } = createFixture({ isRotated });
    expect(await read(subscription, signal)).toEqual({ rotation: null, problem: 'not-rotated', history: [] });
    await expect(steer({ ...pause, subscription }, signal)).rejects.toMatchObject({ reason: 'not-rotated' });
  });
});

describe('a command', () => {
  test('is told with the rotation as it was left, and shows on the board at once', async () => {
    const { clock, write, steer, forgotten } = createFixture();
    await write(1);
    const first = await steer(pause, signal);
    expect(first).toMatchObject({ isReplayed: false, view: { paused: true, plan: [{ state: 'idle' }] } });
    expect(forgotten).toEqual([clock.wall()]);
    await clock.advance(3_600_000);
    expect((await steer(pause, signal)).view).toEqual(first.view);
  });

  test('whose fate is not known may show on the board at once, too', async () => {
    const { state, steer, forgotten } = createFixture();
    state.fault = new BrokerError('storage-unavailable');
    await expect(steer(pause, signal)).rejects.toMatchObject({ reason: 'storage-unavailable' });
    expect(forgotten).toHaveLength(1);
  });
});
