import { odata, TableClient } from '@azure/data-tables';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createIdentity } from '../../shared/azure/identity.ts';
import { createRecordStore } from '../../shared/azure/rotation-records.ts';
import { BrokerError } from '../../shared/errors.ts';
import type { SubscriptionName } from '../../shared/names.ts';
import type { RecordStore, SteeringReceipt, SteeringStore } from '../../shared/rotation/ports.ts';
import { recordFormat } from '../../shared/rotation/record-format.ts';
import { startBrokerOnStack, type BrokerOnStack } from '../support/broker-on-stack.ts';
import { createMemoryRecords } from '../support/memory-rotation.ts';
import { sampleHistory, sampleRecord } from '../support/sample-record.ts';

type Subject = {
  records: RecordStore & SteeringStore;
  /** Puts an entity in a record's place, good or not. */
  put: (name: SubscriptionName, fields: object) => Promise<void>;
  /** Has the next calls answered 503, with a wait of 7 s, or 403, until `recover`. */
  fail(status: 503 | 403): Promise<void>;
  recover(): Promise<void>;
};

const signal = new AbortController().signal;
let on: BrokerOnStack;
let name: SubscriptionName;
let count = 0;
beforeAll(async () => {
  on = await startBrokerOnStack({ storage: true });
});
beforeEach(() => {
  name = `subscription-${(count += 1)}` as SubscriptionName;
});
afterEach(() => on.steer('/faults', 'DELETE'));
afterAll(() => on.close());

const url = () => on.stack.ready().storage ?? '';
const identity = () =>
  createIdentity(on.clock, { clientId: undefined, upstreamTimeoutMs: () => 3_000, onFailure: () => {} });
const table = () => new TableClient(url(), 'rotation', identity(), { retryOptions: { maxRetries: 0 } });
const fault = (fields: object) => on.steer('/faults', 'POST', { target: 'storage', ...fields });
const create = () =>
  createRecordStore({ clock: on.clock, credential: identity(), format: recordFormat }, { url: url() });

function inMemory(): Subject {
  const { records, put, state } = createMemoryRecords();
  return {
    records,
    put: async (...entity) => void put(...entity),
    fail: async (status) => {
      state.fault =
        status === 503
          ? new BrokerError('storage-unavailable', { retryAfterMs: 7_000 })
          : new BrokerError('storage-refused');
    },
    recover: async () => {
      state.fault = undefined;
    },
  };
}

function inTables(): Subject {
  return {
    records: create(),
    put: async (partitionKey, fields) => {
      const client = table();
      await client.createTable();
      await client.upsertEntity({ partitionKey, rowKey: 'record', ...fields }, 'Replace');
    },
    fail: async (status) => {
      await fault({ status, ...(status === 503 && { headers: { 'Retry-After': '7' } }) });
    },
    recover: async () => {
      await on.steer('/faults', 'DELETE');
    },
  };
}

const receiptOf = (key: string): SteeringReceipt => ({
  subscription: name,
  key: key.repeat(64),
  request: 'f'.repeat(64),
  at: 7,
  record: sampleRecord(name, { paused: true }),
});

const writeFirst = async ({ records }: Subject) => {
  const etag = await records.write(sampleRecord(name), undefined, sampleHistory(name, { at: 1 }), signal);
  if (etag === undefined) throw new Error('The record was there before.');
  return etag;
};

describe.each([
  ['in memory', inMemory],
  ['in Table Storage', inTables],
])('a record store %s', (_kind, of) => {
  test('says that there is no record where none was written', async () => {
    const { records } = of();
    expect(await records.read(name, signal)).toBeUndefined();
    expect(await records.history(name, 10, signal)).toEqual([]);
  });

  test('reads a record as it was written, with the ETag that the write gave', async () => {
    const subject = of();
    const etag = await writeFirst(subject);
    expect(await subject.records.read(name, signal)).toStrictEqual({ record: sampleRecord(name), etag });
  });

  test('creates a record once: whoever comes second is told, and changes nothing', async () => {
    const subject = of();
    await writeFirst(subject);
    const second = sampleRecord(name, { paused: true });
    expect(await subject.records.write(second, undefined, sampleHistory(name, { at: 2 }), signal)).toBeUndefined();
    expect((await subject.records.read(name, signal))?.record.paused).toBe(false);
    expect(await subject.records.history(name, 10, signal)).toHaveLength(1);
  });

  test('writes over what was read, and over nothing else', async () => {
    const subject = of();
    const { records } = subject;
    const first = await writeFirst(subject);
    const second = await records.write(sampleRecord(name, { generation: 5 }), first, undefined, signal);
    expect(second).toEqual(expect.any(String));
    expect(await records.read(name, signal)).toMatchObject({ record: { generation: 5 }, etag: second });
    const late = sampleRecord(name, { generation: 6 });
    expect(await records.write(late, first, sampleHistory(name, { at: 2 }), signal)).toBeUndefined();
    expect(await records.read(name, signal)).toMatchObject({ record: { generation: 5 }, etag: second });
    expect(await records.history(name, 10, signal)).toHaveLength(1);
  });

  test('leaves nothing of the record that it writes over', async () => {
    const subject = of();
    const intent = {
      operationId: 'op',
      runner: 'r',
      startedAt: 1,
      fingerprintBefore: sampleRecord(name).keys.primary.fingerprint,
      look: undefined,
    };
    const claimed = sampleRecord(name, { state: { phase: 'regenerating', slot: 'secondary', intent } });
    const etag = await subject.records.write(claimed, undefined, undefined, signal);
    await subject.records.write(sampleRecord(name), etag, undefined, signal);
    expect((await subject.records.read(name, signal))?.record).toStrictEqual(sampleRecord(name));
  });

  test('lets one of twenty racing writers win, and keeps the history of that one alone', async () => {
    const subject = of();
    const etag = await writeFirst(subject);
    const generations = Array.from({ length: 20 }, (_, index) => 10 + index);
    const etags = await Promise.all(
      generations.map((generation) =>
        subject.records.write(
          sampleRecord(name, { generation }),
          etag,
          sampleHistory(name, { at: 2, generation }),
          signal,
        ),
      ),
    );
    const won = etags.findIndex((each) => each !== undefined);
    expect(etags.filter((each) => each !== undefined)).toHaveLength(1);
    expect((await subject.records.read(name, signal))?.record.generation).toBe(generations[won]);
    const [newest, ...others] = await subject.records.history(name, 10, signal);
    expect([newest?.generation, others.length]).toEqual([generations[won], 1]);
  });

  test('lets one of several racing creators win', async () => {
    const { records } = of();
    const write = () => records.write(sampleRecord(name), undefined, sampleHistory(name), signal);
    const etags = await Promise.all([write(), write(), write()]);
    expect(etags.filter((each) => each !== undefined)).toHaveLength(1);
    expect(await records.history(name, 10, signal)).toHaveLength(1);
  });

  test('tells the history newest first, as much as is asked for, and of one subscription alone', async () => {
    const subject = of();
    const { records } = subject;
    const other = `${name}-too` as SubscriptionName;
    await records.write(sampleRecord(other), undefined, sampleHistory(other, { at: 7 }), signal);
    let etag: string | undefined = await writeFirst(subject);
    for (const at of [10, 2, 1_795_000_000_000]) {
      etag = await records.write(sampleRecord(name), etag, sampleHistory(name, { at }), signal);
    }
    const ats = async (limit: number) => (await records.history(name, limit, signal)).map(({ at }) => at);
    expect(await ats(10)).toEqual([1_795_000_000_000, 10, 2, 1]);
    expect(await ats(2)).toEqual([1_795_000_000_000, 10]);
    expect(await records.history(other, 10, signal)).toStrictEqual([sampleHistory(other, { at: 7 })]);
  });

  test('steers a record, and keeps the history and the receipt of it', async () => {
    const subject = of();
    const { records } = subject;
    const etag = await writeFirst(subject);
    const receipt = receiptOf('a');
    expect(await records.receipt(name, receipt.key, signal)).toBeUndefined();
    const steered = await records.steer({ etag, history: sampleHistory(name, { at: 2 }), receipt }, signal);
    expect(await records.read(name, signal)).toStrictEqual({ record: receipt.record, etag: steered });
    expect(await records.receipt(name, receipt.key, signal)).toStrictEqual(receipt);
    expect(await records.history(name, 5, signal)).toEqual([
      sampleHistory(name, { at: 2 }),
      sampleHistory(name, { at: 1 }),
    ]);
    expect(await records.receipt(`${name}-too` as SubscriptionName, receipt.key, signal)).toBeUndefined();
  });

  test.each<[string, (first: string) => [etag: string, receipt: SteeringReceipt]]>([
    ['with a record that has changed', () => ['W/"another"', receiptOf('b')]],
    ['under a key that was used', (now) => [now, receiptOf('a')]],
  ])('tells who steers %s that somebody else was first, and writes nothing', async (_what, choose) => {
    const subject = of();
    const { records } = subject;
    const steer = async (etag: string, receipt: SteeringReceipt) =>
      records.steer({ etag, history: sampleHistory(name, { at: 2 }), receipt }, signal);
    const etag = await steer(await writeFirst(subject), receiptOf('a'));
    expect(await steer(...choose(etag ?? ''))).toBeUndefined();
    expect(await records.read(name, signal)).toMatchObject({ etag });
    expect(await records.history(name, 5, signal)).toHaveLength(2);
    expect(await records.receipt(name, receiptOf('b').key, signal)).toBeUndefined();
  });

  test('lets one of ten win that steer at once under one key', async () => {
    const subject = of();
    const { records } = subject;
    const etag = await writeFirst(subject);
    const racing = Array.from({ length: 10 }, () =>
      records.steer({ etag, history: sampleHistory(name, { at: 2 }), receipt: receiptOf('a') }, signal),
    );
    expect((await Promise.all(racing)).filter((each) => each !== undefined)).toHaveLength(1);
    expect(await records.history(name, 5, signal)).toHaveLength(2);
  });

  test('takes no failure for a receipt that is not there, nor for one who was first', async () => {
    const subject = of();
    const { records } = subject;
    const etag = await writeFirst(subject);
    const receipt = receiptOf('a');
    for (const [status, reason] of [
      [503, 'storage-unavailable'],
      [403, 'storage-refused'],
    ] as const) {
      await subject.fail(status);
      await expect(records.receipt(name, receipt.key, signal)).rejects.toMatchObject({ reason });
      const steering = records.steer({ etag, history: sampleHistory(name), receipt }, signal);
      await expect(steering).rejects.toMatchObject({ reason });
      await subject.recover();
    }
  });

  test.each([
    ['has another schema version', () => ({ ...recordFormat.write(sampleRecord(name)), schemaVersion: 2 })],
    ['has no schema version', () => ({ record: recordFormat.write(sampleRecord(name)).record })],
    ['is no record', () => ({ schemaVersion: 1, record: '{}' })],
    ['is no JSON', () => ({ schemaVersion: 1, record: '{"generation":4,' })],
    ['has nothing', () => ({})],
    ['is that of another subscription', () => recordFormat.write(sampleRecord('okq8-core' as SubscriptionName))],
  ])('says so of a record that %s, and does not take it for none', async (_what, fields) => {
    const { records, put } = of();
    await put(name, fields());
    await expect(records.read(name, signal)).rejects.toMatchObject({
      code: 'upstream-rejected',
      reason: 'record-corrupt',
    });
  });

  test('takes no failure for an answer, passes on how long it wants to be left alone, and answers afterwards', async () => {
    const subject = of();
    const { records } = subject;
    const etag = await writeFirst(subject);
    await subject.fail(503);
    const unavailable = { code: 'upstream-unavailable', reason: 'storage-unavailable', retryAfterMs: 7_000 };
    await expect(records.read(name, signal)).rejects.toMatchObject(unavailable);
    await expect(records.write(sampleRecord(name), etag, undefined, signal)).rejects.toMatchObject(unavailable);
    await expect(records.write(sampleRecord(name), undefined, undefined, signal)).rejects.toMatchObject(unavailable);
    await expect(records.history(name, 1, signal)).rejects.toMatchObject(unavailable);
    await subject.recover();
    expect(await records.read(name, signal)).toMatchObject({ etag });
  });

  test('says that it is refused', async () => {
    const subject = of();
    const { records } = subject;
    const etag = await writeFirst(subject);
    await subject.fail(403);
    const refused = { code: 'upstream-rejected', reason: 'storage-refused' };
    await expect(records.read(name, signal)).rejects.toMatchObject(refused);
    await expect(records.write(sampleRecord(name), etag, undefined, signal)).rejects.toMatchObject(refused);
    await expect(records.write(sampleRecord(name), undefined, undefined, signal)).rejects.toMatchObject(refused);
    await expect(records.history(name, 1, signal)).rejects.toMatchObject(refused);
  });
});

const html = '<html><body>{"odata.error":{"code":"ResourceNotFound"}}</body></html>';
const reads = (records: RecordStore) => records.read(name, signal);
const creates = (records: RecordStore) => records.write(sampleRecord(name), undefined, sampleHistory(name), signal);
const updates = (records: RecordStore) => records.write(sampleRecord(name), 'W/"etag"', sampleHistory(name), signal);
const lists = (records: RecordStore) => records.history(name, 5, signal);
const calls = [
  ['reading', reads],
  ['creating', creates],
  ['updating', updates],
  ['telling the history', lists],
] as const;

describe('in Table Storage, without its table', () => {
  beforeEach(async () => {
    await table().deleteTable();
    await on.steer('/requests', 'DELETE');
  });

  test('there is no record and no history, and no table is made for that', async () => {
    expect(await reads(create())).toBeUndefined();
    expect(await lists(create())).toEqual([]);
    expect(await updates(create())).toBeUndefined();
    expect((await on.counts()).filter(({ target, path }) => target === 'storage' && path.endsWith('/Tables'))).toEqual(
      [],
    );
  });

  test('several first writes at once make it once, and each of them is done', async () => {
    const names = ['a', 'b', 'c'].map((each) => `${name}-${each}` as SubscriptionName);
    const etags = await Promise.all(
      names.map((each) => create().write(sampleRecord(each), undefined, sampleHistory(each), signal)),
    );
    expect(etags).toEqual([expect.any(String), expect.any(String), expect.any(String)]);
  });

  test('a write that may not make it is refused', async () => {
    await fault({ method: 'POST', path: '*/Tables', status: 403 });
    await expect(creates(create())).rejects.toMatchObject({ reason: 'storage-refused' });
  });

  test('a write waits while it is being deleted', async () => {
    const body = { 'odata.error': { code: 'TableBeingDeleted', message: { lang: 'en-US', value: 'x' } } };
    await fault({ method: 'POST', path: '*/Tables', status: 409, body });
    await expect(creates(create())).rejects.toMatchObject({ reason: 'storage-unavailable' });
  });
});

describe('in Table Storage, with its table', () => {
  beforeEach(() => table().createTable());
  beforeEach(() => on.steer('/requests', 'DELETE'));
  const requests = async () =>
    (await on.counts()).filter(({ target }) => target === 'storage').map(({ status, count: times }) => [status, times]);

  test('an update of a record that was deleted meanwhile is told that somebody else was first', async () => {
    expect(await updates(create())).toBeUndefined();
  });

  test.each(calls)('%s is one request, also when that fails', async (_call, run) => {
    await fault({ status: 503, times: 1 });
    await expect(run(create())).rejects.toMatchObject({ reason: 'storage-unavailable', upstream: 503 });
    expect(await requests()).toEqual([[503, 1]]);
  });

  test.each(calls)(
    '%s without being authenticated is refused at once, whatever the challenge says',
    async (_call, run) => {
      await fault({ status: 401, headers: { 'WWW-Authenticate': 'Bearer realm="elsewhere"' } });
      await expect(run(create())).rejects.toMatchObject({ reason: 'storage-refused', upstream: 401 });
      expect(await requests()).toEqual([[401, 1]]);
    },
  );

  test.each(calls)('%s takes 404 from something that is not Table Storage for a failure', async (_call, run) => {
    await fault({ status: 404, body: html });
    await expect(run(create())).rejects.toMatchObject({ reason: 'storage-refused', upstream: 404 });
  });

  test.each([200, 202, 204])('no call takes an answer that is not Table Storage’s for one: %i', async (status) => {
    await fault({ status, ...(status === 204 ? {} : { body: html }) });
    await expect(reads(create())).rejects.toMatchObject({ reason: 'storage-unavailable' });
    await expect(creates(create())).rejects.toMatchObject({ reason: 'storage-unavailable' });
    await expect(updates(create())).rejects.toMatchObject({ reason: 'storage-unavailable' });
    await expect(lists(create())).rejects.toMatchObject({ reason: 'storage-unavailable' });
  });

  test('an entity without an ETag is not one of Table Storage’s', async () => {
    await fault({ status: 200, headers: { 'Content-Type': 'application/json' }, body: {} });
    await expect(reads(create())).rejects.toMatchObject({ reason: 'storage-unavailable' });
  });

  test.each(calls)('%s follows no redirect', async (_call, run) => {
    await fault({ status: 307, headers: { Location: `${url()}/Tables` } });
    await expect(run(create())).rejects.toMatchObject({ reason: 'storage-refused', upstream: 307 });
    expect(await requests()).toEqual([[307, 1]]);
  });

  test.each(calls)('%s ends with its abort signal', async (_call, run) => {
    await fault({ hang: true });
    const controller = new AbortController();
    const store = createRecordStore({ clock: on.clock, credential: identity(), format: recordFormat }, { url: url() });
    const aborted: RecordStore = {
      read: (subscription) => store.read(subscription, controller.signal),
      write: (record, etag, history) => store.write(record, etag, history, controller.signal),
      history: (subscription, limit) => store.history(subscription, limit, controller.signal),
    };
    const running = run(aborted);
    controller.abort();
    await expect(running).rejects.toMatchObject({ reason: 'storage-unavailable' });
  });

  test.each(calls)('%s fails when its connection breaks', async (_call, run) => {
    await fault({ reset: true });
    await expect(run(create())).rejects.toMatchObject({ reason: 'storage-unavailable' });
    expect(await requests()).toEqual([[0, 1]]);
  });

  test('a write whose answer is lost throws, and the next read shows that it was done', async () => {
    await fault({ path: '*/$batch', after: true, reset: true });
    await expect(creates(create())).rejects.toMatchObject({ reason: 'storage-unavailable' });
    expect((await reads(create()))?.record).toStrictEqual(sampleRecord(name));
  });

  test('a record and its line of history are written together or not at all', async () => {
    const etag = await creates(create());
    const changed = sampleRecord(name, { paused: true });
    await create().write(changed, etag, sampleHistory(name), signal);
    expect(await requests()).toEqual([[202, 2]]);
  });

  test('what is written the official SDK reads, too', async () => {
    const first = await creates(create());
    const [record, line] = [sampleRecord(name, { paused: true }), sampleHistory(name, { at: 1_795_600_000_000 })];
    const etag = await create().write(record, first, line, signal);
    expect(await table().getEntity(name, 'record')).toMatchObject({ ...recordFormat.write(record), etag });
    const filter = odata`PartitionKey eq ${name}`;
    const entities: unknown[] = [];
    for await (const entity of table().listEntities({ queryOptions: { filter } })) entities.push(entity);
    expect(entities).toMatchObject([
      recordFormat.writeHistory(line),
      recordFormat.writeHistory(sampleHistory(name)),
      recordFormat.write(record),
    ]);
  });

  test('what stands in a name changes nothing but the name', async () => {
    const odd = `${name} o'brien & sons+ü%20,=()` as SubscriptionName;
    const { read, write, history } = create();
    const etag = await write(sampleRecord(odd), undefined, sampleHistory(odd, { at: 1 }), signal);
    const second = await write(sampleRecord(odd, { paused: true }), etag, sampleHistory(odd, { at: 2 }), signal);
    expect(await read(odd, signal)).toMatchObject({ record: { subscription: odd, paused: true }, etag: second });
    expect((await history(odd, 5, signal)).map(({ at }) => at)).toEqual([2, 1]);
    expect(await table().getEntity(odd, 'record')).toMatchObject({ partitionKey: odd, etag: second });
    expect(await reads(create())).toBeUndefined();
  });

  test.each(calls)('%s takes no failure for an answer, whatever code it has', async (_call, run) => {
    const codes = ['ResourceNotFound', 'TableNotFound', 'EntityAlreadyExists', 'UpdateConditionNotSatisfied'];
    for (const code of codes) {
      await fault({ status: 503, times: 1, body: { 'odata.error': { code, message: { lang: 'en-US', value: 'x' } } } });
      await expect(run(create())).rejects.toMatchObject({ reason: 'storage-unavailable', upstream: code });
    }
    expect(await requests()).toEqual([[503, codes.length]]);
  });

  test('a line of history that cannot be read is not left out', async () => {
    await table().createEntity({ partitionKey: name, rowKey: 'history-1-x', schemaVersion: 2, entry: '{}' });
    await expect(lists(create())).rejects.toMatchObject({ reason: 'record-corrupt' });
  });

  test('reads a history that is longer than a page', async () => {
    for (let from = 0; from < 1_100; from += 100) {
      const lines = Array.from({ length: 100 }, (_, index) => sampleHistory(name, { at: from + index }));
      const entities = lines.map((line) => {
        const rowKey = `history-${String(2_000 - line.at).padStart(16, '0')}`;
        return { partitionKey: name, rowKey, ...recordFormat.writeHistory(line) };
      });
      await table().submitTransaction(entities.map((entity) => ['create', entity]));
    }
    const ats = (await create().history(name, 1_050, signal)).map(({ at }) => at);
    expect(ats).toEqual(Array.from({ length: 1_050 }, (_, index) => 1_099 - index));
  });

  test('an identity that cannot be had is said to be the reason', async () => {
    const credential = { getToken: () => Promise.reject(new BrokerError('identity-unavailable')) };
    const store = createRecordStore({ clock: on.clock, credential, format: recordFormat }, { url: url() });
    for (const [, run] of calls) await expect(run(store)).rejects.toMatchObject({ reason: 'identity-unavailable' });
  });
});
