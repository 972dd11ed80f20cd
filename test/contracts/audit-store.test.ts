import { odata, TableClient } from '@azure/data-tables';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createAuditRecords } from '../../shared/azure/audit-records.ts';
import { createIdentity } from '../../shared/azure/identity.ts';
import { BrokerError } from '../../shared/errors.ts';
import type { AuditRecord } from '../../shared/telemetry/audit.ts';
import type { AuditStore } from '../../shared/telemetry/ports.ts';
import { startBrokerOnStack, type BrokerOnStack } from '../support/broker-on-stack.ts';
import { createMemoryAudit } from '../support/memory-audit.ts';
import { sampleAudit } from '../support/sample-audit.ts';

type Subject = {
  store: AuditStore;
  /** Has the next calls answered 503, with a wait of 7 s, or 403, until `recover`. */
  fail(status: 503 | 403): Promise<void>;
  /** Has the next append done, and its answer lost. */
  loseAnswer(): Promise<void>;
  recover(): Promise<void>;
};

const signal = new AbortController().signal;
const [minuteMs, dayMs] = [60_000, 86_400_000];
/** Noon, so that an hour before and after is the same day. */
const noon = Date.UTC(2026, 10, 24, 12);
let on: BrokerOnStack;
let caller: string;
let count = 0;
beforeAll(async () => {
  on = await startBrokerOnStack({ storage: true });
});
beforeEach(() => {
  caller = `caller-${(count += 1)}`;
});
afterEach(() => on.steer('/faults', 'DELETE'));
afterAll(() => on.close());

const url = () => on.stack.ready().storage ?? '';
const identity = () =>
  createIdentity(on.clock, { clientId: undefined, upstreamTimeoutMs: () => 3_000, onFailure: () => {} });
const fault = (fields: object) => on.steer('/faults', 'POST', { target: 'storage', ...fields });
const create = () => createAuditRecords({ clock: on.clock, credential: identity() }, { url: url() });
const table = (name: string) => new TableClient(url(), name, identity(), { retryOptions: { maxRetries: 0 } });

function inMemory(): Subject {
  const { store, state } = createMemoryAudit();
  return {
    store,
    fail: async (status) => {
      state.fault =
        status === 503
          ? new BrokerError('storage-unavailable', { retryAfterMs: 7_000 })
          : new BrokerError('storage-refused');
    },
    loseAnswer: async () => {
      state.loseAnswers = new BrokerError('storage-unavailable');
    },
    recover: async () => {
      [state.fault, state.loseAnswers] = [undefined, undefined];
    },
  };
}

function inTables(): Subject {
  return {
    store: create(),
    fail: async (status) => {
      await fault({ status, ...(status === 503 && { headers: { 'Retry-After': '7' } }) });
    },
    loseAnswer: async () => {
      await fault({ path: '*/$batch', reset: true, after: true, times: 1 });
    },
    recover: async () => {
      await on.steer('/faults', 'DELETE');
    },
  };
}

const all = { sinceMs: 0, untilMs: 0, limit: 1_000 };
const around = (query: object = {}) => ({
  ...all,
  trail: caller,
  sinceMs: noon - dayMs,
  untilMs: noon + dayMs,
  ...query,
});
const read = (store: AuditStore, query: object = {}) => store.read(around(query), signal);
/** As a record looks that was kept: what is `undefined` is not there. */
const keptOf = (records: readonly AuditRecord[]) => records.map((record) => JSON.parse(JSON.stringify(record)));
const several = (length: number, of: (index: number) => AuditRecord) => Array.from({ length }, (_, index) => of(index));

describe.each([
  ['in memory', inMemory],
  ['in Table Storage', inTables],
])('an audit store %s', (_kind, of) => {
  test('has nothing of a caller of whom nothing was kept', async () => {
    expect(await read(of().store)).toEqual([]);
  });

  test('gives back what was kept, to the last member', async () => {
    const { store } = of();
    const refused = { outcome: 'refused', code: 'forbidden', reason: 'api-not-allowed', status: 403 } as const;
    const records = [sampleAudit(caller, noon), sampleAudit(caller, noon - 1, refused)];
    expect(await store.append(records, signal)).toBe('appended');
    expect(await read(store)).toEqual(keptOf(records));
  });

  test('gives a caller’s records newest first, as many as are asked for, and nobody else’s', async () => {
    const { store } = of();
    const records = [2, 5, 1, 4, 3].map((minute) => sampleAudit(caller, noon + minute * minuteMs));
    await store.append(records, signal);
    await store.append([sampleAudit(`${caller}-too`, noon)], signal);
    const times = (await read(store, { limit: 3 })).map(({ time }) => Date.parse(String(time)) - noon);
    expect(times).toEqual([5, 4, 3].map((minute) => minute * minuteMs));
    expect(await read(store)).toHaveLength(5);
  });

  test('gives records from one moment to another, both included', async () => {
    const { store } = of();
    await store.append(
      several(5, (index) => sampleAudit(caller, noon + index)),
      signal,
    );
    const times = (await read(store, { sinceMs: noon + 1, untilMs: noon + 3 })).map(({ time }) => time);
    expect(times.map((time) => Date.parse(String(time)) - noon)).toEqual([3, 2, 1]);
  });

  test('gives records of several days and months, newest first, as many as are asked for', async () => {
    const { store } = of();
    const ats = [-40, -20, -1, 0].map((days) => noon + days * dayMs);
    for (const at of ats) await store.append([sampleAudit(caller, at)], signal);
    const found = await read(store, { sinceMs: noon - 25 * dayMs, untilMs: noon + dayMs });
    expect(found.map(({ time }) => Date.parse(String(time)))).toEqual(ats.slice(1).toReversed());
    expect(await read(store, { sinceMs: noon - 50 * dayMs, limit: 3 })).toHaveLength(3);
  });

  test('keeps a hundred records at once', async () => {
    const { store } = of();
    await store.append(
      several(100, (index) => sampleAudit(caller, noon + index)),
      signal,
    );
    expect(await read(store)).toHaveLength(100);
  });

  test('takes what several writers append at once, of one caller’s day: none stands in another’s way', async () => {
    const stores = [of().store].flatMap((store) => [store, store, store, store]);
    const results = await Promise.all(
      stores.map((store) =>
        store.append(
          several(20, () => sampleAudit(caller, noon)),
          signal,
        ),
      ),
    );
    expect(results).toEqual(stores.map(() => 'appended'));
    expect(await read(stores[0] ?? of().store)).toHaveLength(80);
  });

  test('keeps two decisions on one request, of one moment', async () => {
    const { store } = of();
    const call = sampleAudit(caller, noon, { action: 'api.call' });
    expect(await store.append([call], signal)).toBe('appended');
    expect(await store.append([{ ...call, action: 'api.repeat' }], signal)).toBe('appended');
    expect(new Set((await read(store)).map(({ action }) => action))).toEqual(new Set(['api.call', 'api.repeat']));
  });

  test('says so of records that are there already, and keeps them once', async () => {
    const { store } = of();
    const records = several(3, (index) => sampleAudit(caller, noon + index));
    await store.append(records, signal);
    expect(await store.append(records, signal)).toBe('there');
    expect(await read(store)).toHaveLength(3);
  });

  test('keeps nothing where one of the records is there already', async () => {
    const { store } = of();
    const [first, second, third] = several(3, (index) => sampleAudit(caller, noon + index));
    if (!first || !second || !third) throw new Error('There are three.');
    await store.append([second], signal);
    expect(await store.append([first, second, third], signal)).toBe('there');
    expect(await read(store)).toEqual(keptOf([second]));
  });

  test('that lost its answer says, asked again, that the records are there', async () => {
    const subject = of();
    const records = several(3, (index) => sampleAudit(caller, noon + index));
    await subject.store.append([sampleAudit(`${caller}-before`, noon)], signal);
    await subject.loseAnswer();
    await expect(subject.store.append(records, signal)).rejects.toMatchObject({ reason: 'storage-unavailable' });
    await subject.recover();
    expect(await subject.store.append(records, signal)).toBe('there');
    expect(await read(subject.store)).toHaveLength(3);
  });

  test('takes no failure for an answer, passes on how long it wants to be left alone, and answers afterwards', async () => {
    const subject = of();
    const records = [sampleAudit(caller, noon)];
    await subject.fail(503);
    const unavailable = { code: 'upstream-unavailable', reason: 'storage-unavailable', retryAfterMs: 7_000 };
    await expect(subject.store.append(records, signal)).rejects.toMatchObject(unavailable);
    await expect(read(subject.store)).rejects.toMatchObject(unavailable);
    await subject.recover();
    expect(await read(subject.store)).toEqual([]);
    expect(await subject.store.append(records, signal)).toBe('appended');
  });

  test('says that it is refused', async () => {
    const subject = of();
    await subject.fail(403);
    const refused = { code: 'upstream-rejected', reason: 'storage-refused' };
    await expect(subject.store.append([sampleAudit(caller, noon)], signal)).rejects.toMatchObject(refused);
    await expect(read(subject.store)).rejects.toMatchObject(refused);
  });
});

describe('in Table Storage', () => {
  const storageRequests = async () =>
    (await on.counts())
      .filter(({ target }) => target === 'storage')
      .map(({ method, path, status, count: times }) => [method, path.split('/').at(-1), status, times]);

  test('a month has its table, made once at first need, and a caller’s day is one partition and one request', async () => {
    const at = Date.UTC(2031, 4, 9, 12);
    await on.steer('/requests', 'DELETE');
    const store = create();
    await store.append([sampleAudit(caller, at)], signal);
    await store.append([sampleAudit(caller, at + 1)], signal);
    expect((await storageRequests()).filter(([, path]) => path === 'Tables')).toEqual([['POST', 'Tables', 204, 1]]);
    const filter = odata`PartitionKey eq ${`${caller}_2031-05-09`}`;
    const rows: string[] = [];
    for await (const { rowKey } of table('audit203105').listEntities({ queryOptions: { filter } }))
      rows.push(String(rowKey));
    expect(rows).toHaveLength(2);
    await on.steer('/requests', 'DELETE');
    const found = await read(store, { sinceMs: at - minuteMs, untilMs: at + minuteMs });
    expect(found).toHaveLength(2);
    expect((await storageRequests()).map(([method, , , times]) => [method, times])).toEqual([['GET', 1]]);
  });

  test('several first writes at once make the table once, and each of them is done', async () => {
    const at = Date.UTC(2032, 0, 1);
    const results = await Promise.all(
      ['a', 'b', 'c'].map((each) => create().append([sampleAudit(`${caller}-${each}`, at)], signal)),
    );
    expect(results).toEqual(['appended', 'appended', 'appended']);
  });

  test('a name that no caller can have ends no filter', async () => {
    expect(await read(create(), { trail: "x' or PartitionKey ge '" })).toEqual([]);
  });

  test('ends with its abort signal', async () => {
    await fault({ hang: true });
    const controller = new AbortController();
    const appending = create().append([sampleAudit(caller, noon)], controller.signal);
    const reading = create().read(around(), controller.signal);
    controller.abort();
    await expect(appending).rejects.toMatchObject({ reason: 'storage-unavailable' });
    await expect(reading).rejects.toMatchObject({ reason: 'storage-unavailable' });
  });
});
