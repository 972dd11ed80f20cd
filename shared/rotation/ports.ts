import type { Fingerprint, StatedReason, SubscriptionName } from '../names.ts';
import type { Secret } from '../secret.ts';
import type { RotationRecord } from './record.ts';
import type { Slot } from './slot.ts';

/** Both keys of a subscription, as whoever issues them lists them. */
export type ListedKeys = Readonly<Record<Slot, Secret>>;

/** How a regenerate ended, as far as is known. */
export type RegenerateOutcome =
  /** The authority said so. */
  | { readonly kind: 'done' }
  /** It certainly did not happen: refused, throttled, or never sent. */
  | { readonly kind: 'refused'; readonly retryAfterMs: number | undefined }
  /** No answer, or one that says neither: it may have happened, or may yet. */
  | { readonly kind: 'ambiguous' };

/**
 * Who issues the keys of one subscription: Azure Resource Manager, a developer portal, or a person.
 *
 * `list` throws {BrokerError} `authority-unavailable` (down, throttling, slow) or `authority-refused` (401, 403, 404, suspended).
 */
export type KeyAuthority = {
  /** A person regenerates: `regenerate` does nothing, and the new key appears in `list` when it was stored. */
  readonly isManual: boolean;
  list(signal: AbortSignal): Promise<ListedKeys>;
  /**
   * Asks once, with no retry by anyone. Never throws.
   *
   * @param mayStillSend asked right before the request goes out: a worker that was frozen since its intent must not send it.
   */
  regenerate(slot: Slot, signal: AbortSignal, mayStillSend: () => boolean): Promise<RegenerateOutcome>;
};

/** The published key: the newest version of the subscription's secret, with what its tags say. Absent tags are `undefined`. */
export type PublishedKey = {
  readonly secret: Secret;
  readonly version: string;
  readonly generation: number | undefined;
  readonly slot: Slot | undefined;
  readonly fingerprint: Fingerprint | undefined;
  /** The promise: wall clock, milliseconds. */
  readonly safeUntil: number | undefined;
};

/** What is written with a key that is published. */
export type Publication = {
  readonly secret: Secret;
  readonly generation: number;
  readonly slot: Slot;
  readonly fingerprint: Fingerprint;
  readonly safeUntil: number;
};

/**
 * Where the key of one subscription is published, and the other slot's key kept for the fallback: two Key Vault secrets.
 *
 * @throws {BrokerError} `vault-…` or `identity-…`, never another error.
 */
export type KeyPublisher = {
  read(signal: AbortSignal): Promise<PublishedKey>;
  /** One `PUT`: always a new version. */
  publish(publication: Publication, signal: AbortSignal): Promise<void>;
  /** Tags alone, of one version. */
  tag(version: string, tags: Omit<Publication, 'secret'>, signal: AbortSignal): Promise<void>;
  /** Stores the key of the slot that is not active, with its slot and fingerprint as tags. */
  storeAlternate(
    alternate: Pick<Publication, 'secret' | 'slot' | 'fingerprint' | 'generation'>,
    signal: AbortSignal,
  ): Promise<void>;
  /** Shows that the vault can be written, with a change that means nothing. @throws when it cannot. */
  probeWritable(signal: AbortSignal): Promise<void>;
};

/** A record as it was read, with the ETag that a write of it needs. */
export type StoredRecord = { readonly record: RotationRecord; readonly etag: string };

/** One line of a subscription's history. Holds what a log line may hold. */
export type HistoryEntry = {
  readonly subscription: SubscriptionName;
  readonly at: number;
  readonly from: string;
  readonly to: string;
  readonly event: string;
  readonly generation: number;
  /** The worker; or, of a command, the operator's object id. */
  readonly runner: string;
  /** Of a command. */
  readonly statedReason?: StatedReason | undefined;
};

/** What a command came to, kept beside the record under its Idempotency-Key: whoever asks again is told the same, and nothing is done. */
export type SteeringReceipt = {
  readonly subscription: SubscriptionName;
  /** SHA-256 of the Idempotency-Key, in hexadecimal. */
  readonly key: string;
  /** SHA-256 of who asked for what, and why. */
  readonly request: string;
  readonly at: number;
  /** As the command left it. */
  readonly record: RotationRecord;
};

/** What is written for a command: all of it or nothing. `etag` is that of the record that was steered. */
type SteeringWrite = {
  readonly etag: string;
  readonly history: HistoryEntry;
  readonly receipt: SteeringReceipt;
};

/**
 * Where rotation records are kept: one entity per subscription in Azure Table Storage, its history as entities beside it.
 *
 * @throws {BrokerError} `storage-unavailable`, `storage-refused`, or `record-corrupt` for one that cannot be read: then nothing is done.
 */
export type RecordStore = {
  /** `undefined` only where storage says that there is none: a failed read is never taken for that. */
  read(subscription: SubscriptionName, signal: AbortSignal): Promise<StoredRecord | undefined>;
  /**
   * Writes with `If-Match`, or creates where `etag` is undefined; the history entry in the same transaction.
   *
   * @returns the new ETag, or `undefined` when somebody else was first.
   */
  write(
    record: RotationRecord,
    etag: string | undefined,
    history: HistoryEntry | undefined,
    signal: AbortSignal,
  ): Promise<string | undefined>;
  /** Newest first. */
  history(subscription: SubscriptionName, limit: number, signal: AbortSignal): Promise<readonly HistoryEntry[]>;
};

/** Where records are steered. Throws as the record store does. */
export type SteeringStore = Pick<RecordStore, 'read'> & {
  receipt(subscription: SubscriptionName, key: string, signal: AbortSignal): Promise<SteeringReceipt | undefined>;
  /** @returns the record's new ETag, or `undefined` when somebody else was first, with the record or with the key. */
  steer(written: SteeringWrite, signal: AbortSignal): Promise<string | undefined>;
};

/** What a gateway says to a key. 401 "invalid subscription key" is `refused`, 403 `forbidden`, no answer `unknown`, all else `accepted`. */
export type ProbeVerdict = 'accepted' | 'refused' | 'forbidden' | 'unknown';

/** Tries a key, without a bearer token, at every gateway of one subscription. Never throws. */
export type KeyProbe = {
  readonly gateways: number;
  try(key: Secret, signal: AbortSignal): Promise<readonly ProbeVerdict[]>;
};
