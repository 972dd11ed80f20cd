import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { Fingerprint, StatedReason, SubscriptionName } from '../../../shared/names.ts';
import type { HistoryEntry } from '../../../shared/rotation/ports.ts';
import type { RotationRecord, State } from '../../../shared/rotation/record.ts';
import { recordFormat } from '../../../shared/rotation/record-format.ts';
import { anyRecord } from '../../support/arbitrary-record.ts';
import { sampleHistory, sampleRecord } from '../../support/sample-record.ts';

const name = 'okq8-payments' as SubscriptionName;
const corrupt = expect.objectContaining({ reason: 'record-corrupt' });
const readText = (text: string, of = name) => recordFormat.read({ schemaVersion: 1, record: text }, of);
const refuse = (text: string) => expect(() => readText(text)).toThrow(corrupt);

type Path = readonly string[];

/** The paths of all members, the inner ones too. */
function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return path.length > 0 ? [path] : [];
  const inner = Object.entries(value).flatMap(([key, member]) => pathsOf(member, [...path, key]));
  return path.length > 0 ? [path, ...inner] : inner;
}

/** A copy in which one member is replaced, or taken out where `change` gives nothing. */
function changeAt(value: unknown, [key = '', ...rest]: Path, change: (member: unknown) => unknown): unknown {
  const copy: Record<string, unknown> = { ...(value as Record<string, unknown>) };
  const changed = rest.length > 0 ? changeAt(copy[key], rest, change) : change(copy[key]);
  if (changed === undefined) delete copy[key];
  else copy[key] = changed;
  return copy;
}

const membersOf = (record: RotationRecord): unknown => JSON.parse(recordFormat.write(record).record);

/** A value of another kind than the member's own, or none where there must be one. */
const corruptions: readonly (readonly [string, (member: unknown) => unknown])[] = [
  ['missing', () => undefined],
  ['a list', () => []],
  ['an object with another member', (member) => (isObject(member) ? { ...member, other: 1 } : { other: 1 })],
  ['text that says nothing', () => 'nonsense, and no name for anything at all'.repeat(9)],
  ['a negative number', () => -1],
  ['a number beyond any date or count', () => 2 ** 55],
  ['a number as text', () => '1'],
];

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** One record of every state, with every member that can be absent both there and not. */
const fingerprint = 'AbCdEfGhIj-_' as Fingerprint;
const look = { at: 5, fingerprint };
const intent = { operationId: 'op', runner: 'worker-1', startedAt: 4, fingerprintBefore: fingerprint, look };
const settling = { phase: 'settling', slot: 'secondary', fingerprintBefore: fingerprint, regeneratedAt: 3 } as const;
const states: readonly State[] = [
  { phase: 'idle' },
  { phase: 'regenerating', slot: 'primary', intent: undefined },
  { phase: 'regenerating', slot: 'secondary', intent },
  { phase: 'regenerating', slot: 'secondary', intent: { ...intent, look: undefined } },
  { ...settling, fingerprint: undefined, accepts: 0 },
  { ...settling, fingerprint, accepts: 2 },
  { phase: 'publishing', slot: 'primary', fingerprint, intent: undefined },
  { phase: 'publishing', slot: 'primary', fingerprint, intent },
  { phase: 'draining', slot: 'primary' },
];
const records = states.flatMap((state) => [
  sampleRecord(name, { state }),
  sampleRecord(name, {
    state,
    cycleFrom: 'secondary',
    compromised: 'primary',
    lastFailure: { at: 1, reason: 'gateway-unknown', times: 3 },
  }),
]);

describe('a record in storage', () => {
  test('is read as it was written, whatever it says', () => {
    fc.assert(
      fc.property(anyRecord, (record) => {
        expect(recordFormat.read(recordFormat.write(record), record.subscription)).toStrictEqual(record);
      }),
    );
  });

  test('has every member written out, so that one that is lost is missed', () => {
    const members = membersOf(sampleRecord(name));
    expect(members).toMatchObject({ cycleFrom: null, compromised: null, lastFailure: null });
  });

  test('is a small text: Table Storage takes 32 K characters', () => {
    fc.assert(fc.property(anyRecord, (record) => recordFormat.write(record).record.length < 8_000));
  });

  test.each(corruptions)('is refused when any of its members is %s', (_kind, change) => {
    for (const record of records) {
      const members = membersOf(record);
      for (const path of pathsOf(members)) {
        const changed = changeAt(members, path, change);
        const expected = isGoodText(path, changed) ? 'read' : 'record-corrupt';
        expect({ path, read: attempt(changed) }).toEqual({ path, read: expected });
      }
    }
  });

  test('is refused when a member that must be there is null', () => {
    const mayBeNone = /^(cycleFrom|compromised|unsettled|lastFailure|state\.intent|state\.intent\.look)$/;
    for (const record of records) {
      const members = membersOf(record);
      for (const path of pathsOf(members)) {
        const isSettlingUnseen = record.state.phase === 'settling' && path.join('.') === 'state.fingerprint';
        const expected = mayBeNone.test(path.join('.')) || isSettlingUnseen ? 'read' : 'record-corrupt';
        expect({ path, read: attempt(changeAt(members, path, () => null)) }).toEqual({ path, read: expected });
      }
    }
  });

  test('is refused with a member that nobody knows', () => {
    const members = membersOf(sampleRecord(name)) as object;
    refuse(JSON.stringify({ ...members, isPaused: true }));
  });

  test.each(['', 'null', '[]', '{}', '{"state":', 'record'])('is refused when its text is %j', (text) => refuse(text));

  test.each([0, 2, '1', null, undefined])('is refused with schema version %j', (schemaVersion) => {
    const { record } = recordFormat.write(sampleRecord(name));
    expect(() => recordFormat.read({ schemaVersion, record }, name)).toThrow(corrupt);
  });

  test.each([undefined, null, 'text', {}, { schemaVersion: 1 }, { schemaVersion: 1, record: 7 }])(
    'is refused when the entity is %j',
    (fields) => expect(() => recordFormat.read(fields, name)).toThrow(corrupt),
  );

  test('is refused when it is the record of another subscription', () => {
    const { record } = recordFormat.write(sampleRecord('okq8-core' as SubscriptionName));
    refuse(record);
  });

  test('is not written when it could not be read back', () => {
    const record = sampleRecord(name, { dueAt: Number.NaN });
    expect(() => recordFormat.write(record)).toThrow(corrupt);
  });

  test('is read whatever else the entity has', () => {
    const record = sampleRecord(name);
    const entity = { partitionKey: name, rowKey: 'record', etag: 'W/"1"', ...recordFormat.write(record) };
    expect(recordFormat.read(entity, name)).toStrictEqual(record);
  });
});

describe('a line of history in storage', () => {
  const entry: HistoryEntry = sampleHistory(name);

  test('is read as it was written', () => {
    expect(recordFormat.readHistory(recordFormat.writeHistory(entry), name)).toStrictEqual(entry);
  });

  test.each(Object.keys(entry))('is refused without its %s', (member) => {
    const members = changeAt(entry, [member], () => undefined);
    const fields = { schemaVersion: 1, entry: JSON.stringify(members) };
    expect(() => recordFormat.readHistory(fields, name)).toThrow(corrupt);
  });

  test('is read with the reason that an operator gave', () => {
    const stated = { ...entry, statedReason: 'Nyckel i en logg: "hej"' as StatedReason };
    expect(recordFormat.readHistory(recordFormat.writeHistory(stated), name)).toStrictEqual(stated);
  });

  test('is read whatever else it has, because it may be newer than who reads it', () => {
    const fields = { schemaVersion: 1, entry: JSON.stringify({ ...entry, since: 'later' }) };
    expect(recordFormat.readHistory(fields, name)).toStrictEqual(entry);
  });

  test('is refused with another schema version, or under another name', () => {
    const fields = recordFormat.writeHistory(entry);
    expect(() => recordFormat.readHistory({ ...fields, schemaVersion: 2 }, name)).toThrow(corrupt);
    expect(() => recordFormat.readHistory(fields, 'okq8-core' as SubscriptionName)).toThrow(corrupt);
  });
});

describe('a receipt in storage', () => {
  const hash = 'a'.repeat(64);
  const receipt = { subscription: name, key: hash, request: 'b'.repeat(64), at: 7, record: sampleRecord(name) };
  const members = { subscription: name, key: hash, request: 'b'.repeat(64), at: 7 };
  const readReceipt = (changed: object, of = name) =>
    recordFormat.readReceipt({ ...recordFormat.write(receipt.record), receipt: JSON.stringify(changed) }, of);

  test('is read as it was written', () => {
    expect(recordFormat.readReceipt(recordFormat.writeReceipt(receipt), name)).toStrictEqual(receipt);
    expect(readReceipt(members)).toStrictEqual(receipt);
  });

  test.each<[string, object]>([
    ...Object.keys(members).map(
      (member) => [`has no ${member}`, { ...members, [member]: undefined }] as [string, object],
    ),
    ['has a member that nobody knows', { ...members, other: 1 }],
    ['has a hash that is none', { ...members, request: 'B'.repeat(64) }],
    ['is that of another subscription', { ...members, subscription: 'okq8-core' }],
  ])('is refused when it %s', (_what, changed) => {
    expect(() => readReceipt(changed)).toThrow(corrupt);
  });

  test('is refused without a record, or with that of another subscription', () => {
    const { receipt: text } = recordFormat.writeReceipt(receipt);
    const other = recordFormat.write(sampleRecord('okq8-core' as SubscriptionName));
    expect(() => recordFormat.readReceipt({ receipt: text, schemaVersion: 1 }, name)).toThrow(corrupt);
    expect(() => recordFormat.readReceipt({ receipt: text, ...other }, name)).toThrow(corrupt);
  });
});

function attempt(members: unknown): string {
  try {
    readText(JSON.stringify(members));
    return 'read';
  } catch (error) {
    return error instanceof Error ? error.message : 'unknown';
  }
}

/** Names of runners and operations are any text up to 200 characters. */
function isGoodText(path: Path, changed: unknown): boolean {
  const at = path.reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], changed);
  return /(operationId|runner)$/.test(path.join('.')) && typeof at === 'string' && at.length <= 200;
}
