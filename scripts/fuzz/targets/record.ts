import { isDeepStrictEqual } from 'node:util';
import { readTags, writeTags } from '../../../shared/azure/key-tags.ts';
import { parseTransaction } from '../../../shared/azure/table-batch.ts';
import type { SubscriptionName } from '../../../shared/names.ts';
import { recordFormat } from '../../../shared/rotation/record-format.ts';
import { sampleHistory, sampleRecord } from '../../../test/support/sample-record.ts';
import { expectThat, orRefusal, type FuzzTarget } from '../target.ts';

const name = 'okq8-payments' as SubscriptionName;
const hash = 'a'.repeat(64);
const steered = { record: sampleRecord(name), subscription: name, key: hash, request: hash, at: 1 };

/** Every field of an entity, as the table gives it back. */
export const rotationRecord: FuzzTarget = {
  name: 'rotation-record',
  seeds: [
    recordFormat.write(sampleRecord(name)),
    recordFormat.write(sampleRecord(name, { state: { phase: 'draining', slot: 'primary' } })),
    recordFormat.writeHistory(sampleHistory(name)),
    recordFormat.writeReceipt(steered),
  ].flatMap((fields) => [JSON.stringify(fields), 'record' in fields ? fields.record : fields.entry]),
  attempt: (input) => {
    const fields = toFields(input);
    const record = orRefusal(() => recordFormat.read(fields, name));
    const entry = orRefusal(() => recordFormat.readHistory(fields, name));
    const receipt = orRefusal(() => recordFormat.readReceipt(fields, name));
    const again = record && recordFormat.read(recordFormat.write(record), name);
    expectThat(isDeepStrictEqual(record, again), 'a record is read as it was written');
    if (entry) recordFormat.readHistory(recordFormat.writeHistory(entry), name);
    if (receipt) recordFormat.readReceipt(recordFormat.writeReceipt(receipt), name);
  },
};

/** An entity as JSON, or the text of a record in a sound one. */
function toFields(input: string): unknown {
  try {
    const fields: unknown = JSON.parse(input);
    if (typeof fields === 'object' && fields !== null && 'schemaVersion' in fields) return fields;
  } catch {
    // falls through: it may be what stands in one
  }
  return { schemaVersion: 1, record: input, entry: input };
}

const tags = { generation: '4', slot: 'primary', fingerprint: 'AbCdEfGhIj-_', safeUntil: '2026-11-24T03:00:00.000Z' };

export const keyTags: FuzzTarget = {
  name: 'key-tags',
  seeds: [JSON.stringify(tags), '{}'],
  attempt: (input) => {
    const given = toTags(input);
    const read = orRefusal(() => readTags(given));
    if (!read) return;
    const { generation, slot, fingerprint, safeUntil } = read;
    if (generation === undefined || slot === undefined || fingerprint === undefined) return;
    const facts = { generation, slot, fingerprint, ...(safeUntil === undefined ? {} : { safeUntil }) };
    expectThat(isDeepStrictEqual(readTags(writeTags(facts)), read), 'tags are read as they were written');
  },
};

function toTags(input: string): Record<string, string> {
  try {
    const members = Object.entries(Object(JSON.parse(input)) as object);
    return Object.fromEntries(members.map(([tag, value]) => [tag, String(value)]));
  } catch {
    return { safeUntil: input };
  }
}

const transaction = [
  'multipart/mixed; boundary=b',
  '--b',
  'Content-Type: multipart/mixed; boundary=c',
  '',
  '--c',
  'Content-Type: application/http',
  '',
  'HTTP/1.1 204 No Content',
  'ETag: W/"1"',
  '',
  '',
  '--c--',
  '--b--',
].join('\n');

/** The answer to a transaction: the media type in the first line, and the body. */
export const tableTransaction: FuzzTarget = {
  name: 'table-transaction',
  seeds: [transaction, transaction.replace('204 No Content', '412 Precondition Failed'), ''],
  attempt: (input) => {
    const [type = '', ...body] = input.split('\n');
    const outcome = parseTransaction(type, body.join('\r\n'), 1);
    if (outcome?.kind === 'done') expectThat(outcome.etags.length === 1, 'there is an answer to each operation');
    if (outcome?.kind === 'failed') expectThat(outcome.status >= 400, 'what failed is told with its status');
  },
};
