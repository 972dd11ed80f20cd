import { randomUUID } from 'node:crypto';
import type { TokenCredential } from '@azure/identity';
import type { Clock } from '../clock.ts';
import { toNewestFirst } from '../moment.ts';
import type { SubscriptionName } from '../names.ts';
import type { HistoryEntry, RecordStore, SteeringReceipt, SteeringStore, StoredRecord } from '../rotation/ports.ts';
import type { Operation } from './table-batch.ts';
import { createTableClient } from './table-client.ts';
import { failUnless, submitToNewTable } from './table-refusal.ts';
import { toLiteral } from './table-url.ts';

type RotationRecord = StoredRecord['record'];

/** How records and their history are written down. `read…` throws {BrokerError} `record-corrupt`. */
type RecordFormat = {
  write(record: RotationRecord): object;
  read(fields: unknown, of: SubscriptionName): RotationRecord;
  writeHistory(entry: HistoryEntry): object;
  readHistory(fields: unknown, of: SubscriptionName): HistoryEntry;
  writeReceipt(receipt: SteeringReceipt): object;
  readReceipt(fields: unknown, of: SubscriptionName): SteeringReceipt;
};

type Dependencies = { clock: Clock; credential: TokenCredential; format: RecordFormat };
type Options = {
  /** The account's table service, without a slash at its end: `https://<account>.table.core.windows.net`. */
  url: string;
};

const recordKey = 'record';

/** Error codes for what is an answer and no failure. */
const missing = ['ResourceNotFound', 'EntityNotFound', 'TableNotFound'];
const existing = ['EntityAlreadyExists'];
/** Whoever has deleted a record was first, too. */
const changed = ['UpdateConditionNotSatisfied', 'ConditionNotMet', ...missing];

/**
 * Rotation records in Azure Table Storage. The partition is the subscription; the row `record` is its record, and `history-…` its history,
 * newest first: written in one transaction with the record, or not at all. So is `steering-…`, what a command came to, under the hash of its
 * Idempotency-Key. The table is made when it is first written to.
 *
 * One call is one request. A write whose answer is lost throws: whether it was done shows the next read. The identity needs the role Storage
 * Table Data Contributor.
 */
export function createRecordStore(
  { clock, credential, format }: Dependencies,
  { url }: Options,
): RecordStore & SteeringStore {
  const table = createTableClient({ clock, credential }, { url, table: 'rotation' });

  return {
    read: async (subscription, signal) => {
      const keys = { PartitionKey: subscription, RowKey: recordKey };
      const found = await table.get(keys, signal).catch(failUnless(...missing));
      return found && { record: format.read(found.fields, subscription), etag: found.etag };
    },
    write: async (record, etag, history, signal) => {
      const entity = { PartitionKey: record.subscription, RowKey: recordKey, ...format.write(record) };
      const beside = history ? [{ entity: toHistoryEntity(history, format) }] : [];
      return etag === undefined
        ? submitToNewTable(table, [{ entity }, ...beside], signal).catch(failUnless(...existing))
        : table.submit([{ entity, etag }, ...beside], signal).catch(failUnless(...changed));
    },
    history: async (subscription, limit, signal) => {
      const filter = `PartitionKey eq ${toLiteral(subscription)} and RowKey ge 'history-' and RowKey lt 'history.'`;
      const found = await table.query({ filter, limit }, signal).catch(failUnless(...missing));
      return (found ?? []).map((fields) => format.readHistory(fields, subscription));
    },
    receipt: async (subscription, key, signal) => {
      const found = await table.get(receiptKeys(subscription, key), signal).catch(failUnless(...missing));
      return found && format.readReceipt(found.fields, subscription);
    },
    steer: async ({ etag, history, receipt }, signal) => {
      const { subscription, key, record } = receipt;
      const operations: Operation[] = [
        { entity: { PartitionKey: subscription, RowKey: recordKey, ...format.write(record) }, etag },
        { entity: toHistoryEntity(history, format) },
        { entity: { ...receiptKeys(subscription, key), ...format.writeReceipt(receipt) } },
      ];
      // An insert: the key is used once, whoever else steers at the same time.
      return table.submit(operations, signal).catch(failUnless(...changed, ...existing));
    },
  };
}

function receiptKeys(subscription: SubscriptionName, key: string) {
  return { PartitionKey: subscription, RowKey: `steering-${key}` };
}

/** Rows are kept in the order of their keys: the later, the lower. The order of lines of one millisecond is not kept. */
function toHistoryEntity(entry: HistoryEntry, format: RecordFormat) {
  const RowKey = `history-${toNewestFirst(entry.at)}-${randomUUID()}`;
  return { PartitionKey: entry.subscription, RowKey, ...format.writeHistory(entry) };
}
