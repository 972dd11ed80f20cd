import * as z from 'zod/mini';
import { BrokerError } from '../errors.ts';
import { lastMoment } from '../moment.ts';
import type { Fingerprint, StatedReason, SubscriptionName } from '../names.ts';
import type { HistoryEntry, SteeringReceipt } from './ports.ts';
import type { FailureReason, Phase, RotationRecord } from './record.ts';
import { slots } from './slot.ts';
import type { Terms } from './terms.ts';

/**
 * How a record and its history stand in storage: a version, and one JSON text in which every member is present, `null` for none. So a member
 * that got lost is never taken for one that says nothing: an intent, above all. A line of history is read whatever else it has: it may be newer
 * than who reads it, and nothing is decided by it.
 */

const schemaVersion = 1;

/** What stands in storage for a record. */
export type RecordFields = { readonly schemaVersion: number; readonly record: string };
/** What stands in storage for a line of its history. */
export type HistoryFields = { readonly schemaVersion: number; readonly entry: string };
/** What stands in storage for a receipt: the record as it stands in storage, too. */
export type ReceiptFields = RecordFields & { readonly receipt: string };

/** Milliseconds, since the epoch or long. */
const milliseconds = z.number().check(z.minimum(0), z.maximum(lastMoment));
const count = z.int().check(z.minimum(0));
const generation = z.int().check(z.minimum(1));
const slot = z.enum(slots);
const label = z.string().check(z.minLength(1), z.maxLength(200));
const subscription = z.custom<SubscriptionName>((value) => typeof value === 'string' && value.length > 0);
const fingerprint = z.custom<Fingerprint>((value) => typeof value === 'string' && /^[\w-]{12}$/.test(value));
const orNone = <T extends z.ZodMiniType>(type: T) =>
  z.pipe(
    z.nullable(type),
    z.transform((value) => value ?? undefined),
  );

const terms = z.strictObject({
  visibilityMs: milliseconds,
  readAgeMs: milliseconds,
  headerLifetimeMs: milliseconds,
  skewMs: milliseconds,
  flightMs: milliseconds,
  propagationMs: milliseconds,
  promiseMs: milliseconds,
} satisfies Record<keyof Terms, z.ZodMiniType>);

const keyFacts = z.strictObject({ fingerprint, promisedUntil: milliseconds });

const intent = z.strictObject({
  operationId: label,
  runner: label,
  startedAt: milliseconds,
  fingerprintBefore: fingerprint,
  look: orNone(z.strictObject({ at: milliseconds, fingerprint })),
});

const states = {
  idle: z.strictObject({ phase: z.literal('idle') }),
  regenerating: z.strictObject({ phase: z.literal('regenerating'), slot, intent: orNone(intent) }),
  settling: z.strictObject({
    phase: z.literal('settling'),
    slot,
    fingerprintBefore: fingerprint,
    regeneratedAt: milliseconds,
    fingerprint: orNone(fingerprint),
    accepts: count,
  }),
  publishing: z.strictObject({ phase: z.literal('publishing'), slot, fingerprint, intent: orNone(intent) }),
  draining: z.strictObject({ phase: z.literal('draining'), slot }),
} satisfies Record<Phase, z.ZodMiniType>;

const failureReasons: Readonly<Record<FailureReason, FailureReason>> = {
  'authority-refused': 'authority-refused',
  'authority-unavailable': 'authority-unavailable',
  'key-changed-outside': 'key-changed-outside',
  'active-key-refused': 'active-key-refused',
  'new-key-refused': 'new-key-refused',
  'gateway-unknown': 'gateway-unknown',
  'gateway-forbids': 'gateway-forbids',
  'vault-not-writable': 'vault-not-writable',
  'vault-unreadable': 'vault-unreadable',
  'regenerate-not-seen': 'regenerate-not-seen',
  'publish-not-seen': 'publish-not-seen',
};

const record = z.strictObject({
  subscription,
  generation,
  active: slot,
  switchedOn: milliseconds,
  keys: z.strictObject({ primary: keyFacts, secondary: keyFacts }),
  terms,
  recentTerms: terms,
  state: z.discriminatedUnion('phase', [
    states.idle,
    states.regenerating,
    states.settling,
    states.publishing,
    states.draining,
  ]),
  paused: z.boolean(),
  dueAt: milliseconds,
  cycleFrom: orNone(slot),
  compromised: orNone(slot),
  unsettled: orNone(slot),
  lastFailure: orNone(z.strictObject({ at: milliseconds, reason: z.enum(failureReasons), times: count })),
} satisfies Record<Exclude<keyof RotationRecord, 'schemaVersion'>, z.ZodMiniType>);

const entry = z.object({
  subscription,
  at: milliseconds,
  from: label,
  to: label,
  event: label,
  generation: count,
  runner: label,
  statedReason: z.optional(z.custom<StatedReason>((value) => z.safeParse(label, value).success)),
} satisfies Record<keyof HistoryEntry, z.ZodMiniType>);

const hash = z.string().check(z.regex(/^[0-9a-f]{64}$/));
const receipt = z.strictObject({
  subscription,
  key: hash,
  request: hash,
  at: milliseconds,
} satisfies Record<Exclude<keyof SteeringReceipt, 'record'>, z.ZodMiniType>);

/** A record and its history as they stand in storage, and back. */
export const recordFormat = {
  /** @throws {BrokerError} `record-corrupt` for what could not be read back: it is not written. */
  write: (written: RotationRecord): RecordFields => {
    const { schemaVersion: version, ...members } = written;
    const fields = { schemaVersion: version, record: toText(members) };
    recordFormat.read(fields, written.subscription);
    return fields;
  },
  /**
   * @param fields of an entity; what it has beside these is not looked at.
   * @throws {BrokerError} `record-corrupt` for another version, a member that is missing, unknown or malformed, or the record of another
   *   subscription.
   */
  read: (fields: unknown, of: SubscriptionName): RotationRecord => {
    const stored = parse(z.object({ schemaVersion: z.literal(schemaVersion), record: z.string() }), fields);
    return { schemaVersion, ...readOf(record, stored.record, of) };
  },
  writeHistory: (written: HistoryEntry): HistoryFields => {
    const fields = { schemaVersion, entry: toText(written) };
    recordFormat.readHistory(fields, written.subscription);
    return fields;
  },
  /** @throws {BrokerError} `record-corrupt`, as for a record: a history with a gap would tell something else than what was. */
  readHistory: (fields: unknown, of: SubscriptionName): HistoryEntry => {
    const stored = parse(z.object({ schemaVersion: z.literal(schemaVersion), entry: z.string() }), fields);
    return readOf(entry, stored.entry, of);
  },
  writeReceipt: ({ record: steered, ...members }: SteeringReceipt): ReceiptFields => {
    const fields = { ...recordFormat.write(steered), receipt: toText(members) };
    recordFormat.readReceipt(fields, members.subscription);
    return fields;
  },
  /** @throws {BrokerError} `record-corrupt`, as for a record. */
  readReceipt: (fields: unknown, of: SubscriptionName): SteeringReceipt => {
    const stored = parse(z.object({ receipt: z.string() }), fields);
    return { ...readOf(receipt, stored.receipt, of), record: recordFormat.read(fields, of) };
  },
};

function toText(value: object): string {
  return JSON.stringify(value, (_name, member: unknown) => member ?? null);
}

function readOf<T extends { subscription: SubscriptionName }>(
  schema: z.ZodMiniType<T>,
  text: string,
  of: SubscriptionName,
): T {
  const read = parse(schema, toValue(text));
  if (read.subscription !== of) throw new BrokerError('record-corrupt');
  return read;
}

function toValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function parse<T>(schema: z.ZodMiniType<T>, value: unknown): T {
  const { success, data } = z.safeParse(schema, value);
  if (!success) throw new BrokerError('record-corrupt');
  return data;
}
