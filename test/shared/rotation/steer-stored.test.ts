import { describe, expect, test } from '@jest/globals';
import type { StatedReason } from '../../../shared/names.ts';
import { BrokerError } from '../../../shared/errors.ts';
import type { RotationRecord } from '../../../shared/rotation/record.ts';
import { steerStored, type SteeringRequest } from '../../../shared/rotation/steer-stored.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { createMemoryRecords } from '../../support/memory-rotation.ts';
import { sampleRecord } from '../../support/sample-record.ts';
import { caller } from '../../support/caller-tokens.ts';
import { name } from '../../support/rotation-machine.ts';

const signal = new AbortController().signal;
const pause: SteeringRequest = {
  subscription: name,
  command: { kind: 'pause' },
  statedReason: 'a drill' as StatedReason,
  operator: caller.objectId,
  idempotencyKey: 'key-1',
};
const draining = sampleRecord(name, { state: { phase: 'draining', slot: 'secondary' } });

/** One stored record. `meddle`: what somebody else does right before each write. */
async function createFixture({ record = sampleRecord(name), meddle = async () => {} }: Options = {}) {
  const clock = createManualClock();
  const { records, state } = createMemoryRecords();
  if (record) await records.write(record, undefined, undefined, signal);
  const store = {
    ...records,
    steer: async (...given: Parameters<typeof records.steer>) => {
      await meddle(records);
      return records.steer(...given);
    },
  };
  const steer = (changes: Partial<SteeringRequest> = {}) =>
    steerStored({ clock, records: store }, { ...pause, ...changes }, signal);
  const stored = async () => (await records.read(name, signal))?.record;
  return { clock, records, state, steer, stored };
}
type Records = ReturnType<typeof createMemoryRecords>['records'];
type Options = { record?: RotationRecord | null; meddle?: (records: Records) => Promise<void> };

describe('a command', () => {
  test('is written to the record, and stands in the history with who asked for it and why', async () => {
    const { clock, records, steer, stored } = await createFixture({ record: draining });
    expect(await steer({ command: { kind: 'rollback' } })).toEqual({
      record: await stored(),
      at: clock.wall(),
      isReplayed: false,
    });
    expect((await stored())?.state).toMatchObject({ phase: 'publishing', slot: 'secondary' });
    expect(await records.history(name, 5, signal)).toEqual([
      {
        subscription: name,
        at: clock.wall(),
        from: 'draining-secondary',
        to: 'publishing-secondary',
        event: 'asked-to-rollback',
        generation: draining.generation,
        runner: caller.objectId,
        statedReason: 'a drill',
      },
    ]);
  });

  test.each([
    ['that the state does not allow', { kind: 'resume' }, 'already-so', 'conflict'],
    ['that is not confirmed', { kind: 'emergency', confirm: 'another' }, 'not-confirmed', 'invalid-request'],
  ] as const)('%s is refused, writes nothing, and leaves its key free', async (_what, command, reason, code) => {
    const { records, steer } = await createFixture();
    await expect(steer({ command })).rejects.toMatchObject({ code, reason });
    expect(await records.history(name, 5, signal)).toEqual([]);
    expect(await steer()).toMatchObject({ isReplayed: false });
  });

  test('is refused where there is no record', async () => {
    const { steer } = await createFixture({ record: null });
    await expect(steer()).rejects.toMatchObject({ code: 'conflict', reason: 'no-record' });
  });

  test('is carried out on what somebody else has written meanwhile', async () => {
    let times = 0;
    const meddle = async (records: Records) => {
      const stored = await records.read(name, signal);
      if (!stored || (times += 1) > 4) return;
      await records.write({ ...stored.record, generation: 10 + times }, stored.etag, undefined, signal);
    };
    const { steer, stored } = await createFixture({ meddle });
    expect((await steer()).record).toMatchObject({ paused: true, generation: 14 });
    expect(await stored()).toMatchObject({ paused: true, generation: 14 });
  });

  test('that meets a change each time is given up, to be sent again', async () => {
    const meddle = async (records: Records) => {
      const stored = await records.read(name, signal);
      if (stored) await records.write(stored.record, stored.etag, undefined, signal);
    };
    const { steer, stored } = await createFixture({ meddle });
    await expect(steer()).rejects.toMatchObject({ code: 'upstream-unavailable', reason: 'changed-meanwhile' });
    expect((await stored())?.paused).toBe(false);
  });
});

describe('the same Idempotency-Key again', () => {
  test('is answered as the first time, whatever has happened since, and does nothing', async () => {
    const { clock, records, steer } = await createFixture();
    const first = await steer();
    await clock.advance(60_000);
    await steer({ command: { kind: 'resume' }, idempotencyKey: 'key-2' });
    const lines = await records.history(name, 5, signal);
    expect(await steer()).toEqual({ ...first, isReplayed: true });
    expect((await records.read(name, signal))?.record.paused).toBe(false);
    expect(await records.history(name, 5, signal)).toEqual(lines);
  });

  test('is answered though the answer to the write was lost', async () => {
    let isLost = true;
    const { records, steer } = await createFixture();
    const lossy = {
      ...records,
      steer: async (...given: Parameters<typeof records.steer>) => {
        const etag = await records.steer(...given);
        if (isLost) throw new BrokerError('storage-unavailable');
        return etag;
      },
    };
    const ask = () => steerStored({ clock: createManualClock(), records: lossy }, pause, signal);
    await expect(ask()).rejects.toMatchObject({ reason: 'storage-unavailable' });
    isLost = false;
    expect(await ask()).toMatchObject({ isReplayed: true, record: { paused: true } });
    expect(await steer()).toMatchObject({ isReplayed: true });
  });

  test.each<[string, Partial<SteeringRequest>]>([
    ['another command', { command: { kind: 'start' } }],
    ['another reason', { statedReason: 'another' as StatedReason }],
    ['another operator', { operator: caller.clientId }],
  ])('with %s is refused, and does nothing', async (_what, changes) => {
    const { steer, records } = await createFixture();
    await steer();
    await expect(steer(changes)).rejects.toMatchObject({ code: 'conflict', reason: 'idempotency-key-reused' });
    expect(await records.history(name, 5, signal)).toHaveLength(1);
  });

  test('at the same time carries the command out once, and all are told of it', async () => {
    const { steer, records } = await createFixture();
    const answers = await Promise.all(Array.from({ length: 5 }, () => steer()));
    expect(answers.filter(({ isReplayed }) => !isReplayed)).toHaveLength(1);
    expect(new Set(answers.map(({ at }) => at)).size).toBe(1);
    expect(await records.history(name, 5, signal)).toHaveLength(1);
  });

  test('of another subscription is another key', async () => {
    const other = sampleRecord('okq8-core' as typeof name);
    const { steer, records } = await createFixture();
    await records.write(other, undefined, undefined, signal);
    await steer();
    expect(await steer({ subscription: other.subscription })).toMatchObject({ isReplayed: false });
  });

  test('is not answered from a receipt that cannot be read', async () => {
    const { steer, state } = await createFixture();
    await steer();
    state.fault = new BrokerError('record-corrupt');
    await expect(steer()).rejects.toMatchObject({ reason: 'record-corrupt' });
  });
});
