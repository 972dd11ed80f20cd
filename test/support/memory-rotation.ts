import {
  alternateOf,
  readTags,
  withoutOurs,
  writeTags,
  type KeyFacts,
  type Tags,
} from '../../shared/azure/key-tags.ts';
import { isHeaderValue } from '../../shared/header-value.ts';
import { BrokerError } from '../../shared/errors.ts';
import type { SecretName, SubscriptionName } from '../../shared/names.ts';
import type { KeyPublisher, RecordStore, SteeringStore } from '../../shared/rotation/ports.ts';
import {
  recordFormat,
  type HistoryFields,
  type ReceiptFields,
  type RecordFields,
} from '../../shared/rotation/record-format.ts';
import { Secret } from '../../shared/secret.ts';

type Partition = { fields: unknown; etag: string; history: { at: number; fields: HistoryFields }[] };

/** Rotation records in memory, as they stand in storage. `fault` makes every call fail. `put` writes fields as they are, good or not. */
export function createMemoryRecords() {
  const partitions = new Map<SubscriptionName, Partition>();
  const state: { fault: BrokerError | undefined } = { fault: undefined };
  const receipts = new Map<string, ReceiptFields>();
  let writes = 0;

  const put = (subscription: SubscriptionName, fields: RecordFields | object) => {
    const history = partitions.get(subscription)?.history ?? [];
    const etag = String((writes += 1));
    partitions.set(subscription, { fields, etag, history });
    return etag;
  };
  const call = async () => {
    await Promise.resolve();
    if (state.fault) throw state.fault;
  };

  const records: RecordStore & SteeringStore = {
    read: async (subscription) => {
      await call();
      const found = partitions.get(subscription);
      return found && { record: recordFormat.read(found.fields, subscription), etag: found.etag };
    },
    write: async (record, etag, history) => {
      const fields = recordFormat.write(record);
      const line = history && { at: history.at, fields: recordFormat.writeHistory(history) };
      await call();
      if (partitions.get(record.subscription)?.etag !== etag) return undefined;
      const written = put(record.subscription, fields);
      if (line) partitions.get(record.subscription)?.history.unshift(line);
      return written;
    },
    history: async (subscription, limit) => {
      await call();
      const lines = (partitions.get(subscription)?.history ?? []).toSorted((one, other) => other.at - one.at);
      return lines.slice(0, limit).map(({ fields }) => recordFormat.readHistory(fields, subscription));
    },
    receipt: async (subscription, key) => {
      await call();
      const found = receipts.get(`${subscription} ${key}`);
      return found && recordFormat.readReceipt(found, subscription);
    },
    steer: async ({ etag, history, receipt }, signal) => {
      const name = `${receipt.subscription} ${receipt.key}`;
      const fields = recordFormat.writeReceipt(receipt);
      await call();
      if (receipts.has(name)) return undefined;
      const written = await records.write(receipt.record, etag, history, signal);
      if (written !== undefined) receipts.set(name, fields);
      return written;
    },
  };
  return { records, state, put };
}

type Version = { id: string; value: string; tags: Tags };

/** Published keys in memory. `fault` makes every call fail, `isReadOnly` every write. `put` adds a version as a person does. */
export function createMemoryVault() {
  const secrets = new Map<SecretName, Version[]>();
  const state: { fault: BrokerError | undefined; isReadOnly: boolean } = { fault: undefined, isReadOnly: false };
  const versionsOf = (name: SecretName) => secrets.get(name) ?? [];
  let writes = 0;

  const put = (name: SecretName, value: string, tags: Tags = {}) => {
    secrets.set(name, [...versionsOf(name), { id: String((writes += 1)), value, tags }]);
  };
  const call = async ({ writes: isWrite = false } = {}) => {
    await Promise.resolve();
    if (state.fault) throw state.fault;
    if (isWrite && state.isReadOnly) throw new BrokerError('vault-forbidden');
  };
  const find = (name: SecretName, id?: string) => {
    const found = versionsOf(name).findLast((version) => id === undefined || version.id === id);
    if (!found) throw new BrokerError('vault-secret-missing');
    return found;
  };
  const add = async (name: SecretName, secret: Secret, facts: KeyFacts) => {
    await call({ writes: true });
    put(name, secret.open(), { ...withoutOurs(versionsOf(name).at(-1)?.tags ?? {}), ...writeTags(facts) });
  };

  const publisherOf = (name: SecretName): KeyPublisher => ({
    read: async () => {
      await call();
      const { id, value, tags } = find(name);
      if (!isHeaderValue(value)) throw new BrokerError('vault-secret-malformed');
      return { secret: new Secret(value), version: id, ...readTags(tags) };
    },
    publish: ({ secret, ...facts }) => add(name, secret, facts),
    tag: async (version, facts) => {
      await call({ writes: true });
      const found = find(name, version);
      found.tags = { ...found.tags, ...writeTags(facts) };
    },
    storeAlternate: ({ secret, generation, slot, fingerprint }) =>
      add(alternateOf(name), secret, { generation, slot, fingerprint }),
    probeWritable: async () => {
      await call({ writes: true });
      find(name);
    },
  });
  return { publisherOf, state, put, versionsOf };
}
