import type { KeyPublisher, RecordStore, StoredRecord } from '../../shared/rotation/ports.ts';
import type { RotationRecord } from '../../shared/rotation/record.ts';
import { otherSlot, type Slot } from '../../shared/rotation/slot.ts';
import type { Terms } from '../../shared/rotation/terms.ts';
import type { Table } from './world/table.ts';

/** What can be taken from the machine. Whoever hands out headers, and the world, keep it. */
export const removals = ['promise', 'recordBeforeTag', 'V', 'C', 'H', '2epsilon', 'F', 'G', 'youngIntent'] as const;
export type Removal = (typeof removals)[number];

const termOf: Partial<Record<Removal, keyof Terms>> = {
  V: 'visibilityMs',
  C: 'readAgeMs',
  H: 'headerLifetimeMs',
  '2epsilon': 'skewMs',
  F: 'flightMs',
  G: 'propagationMs',
};

export function removeTerm(terms: Terms, removal: Removal | undefined): Terms {
  const term = removal && termOf[removal];
  return term ? { ...terms, [term]: 0 } : terms;
}

type Ports = { records: RecordStore; publisher: KeyPublisher };

/** The ports of a runner that lacks something that is no term. */
export function removeRule(ports: Ports, removal: Removal | undefined, table: Table, requestTimeoutMs: number): Ports {
  if (removal === 'promise') return { ...ports, records: readThrough(ports.records, forgetPromise) };
  if (removal === 'youngIntent') {
    return { ...ports, records: readThrough(ports.records, (record) => ageIntent(record, requestTimeoutMs)) };
  }
  return removal === 'recordBeforeTag' ? tagFirst(ports, table) : ports;
}

function readThrough(records: RecordStore, change: (record: RotationRecord) => RotationRecord): RecordStore {
  return {
    ...records,
    read: async (subscription, signal) => {
      const stored = await records.read(subscription, signal);
      return stored && { ...stored, record: change(stored.record) };
    },
  };
}

/** Of the key that is not in use: what keeps it from being regenerated too soon. */
function forgetPromise(record: RotationRecord): RotationRecord {
  return withPromise(record, otherSlot(record.active), 0);
}

/** An intent that looks older than it is can be taken over the moment that it is written; its owner's own fence stays. */
function ageIntent(record: RotationRecord, requestTimeoutMs: number): RotationRecord {
  const { state } = record;
  if ((state.phase !== 'regenerating' && state.phase !== 'publishing') || !state.intent || state.intent.look)
    return record;
  const startedAt = state.intent.startedAt - requestTimeoutMs;
  return { ...record, state: { ...state, intent: { ...state.intent, startedAt } } };
}

/** A promise reaches the record only once the tag that tells of it is written. */
function tagFirst({ records, publisher }: Ports, table: Table): Ports {
  let held: { slot: Slot; until: number } | undefined;
  const persist = () => {
    const promise = held;
    held = undefined;
    if (promise) table.amend((record) => withPromise(record, promise.slot, promise.until));
  };
  const forget = (error: unknown) => {
    held = undefined;
    throw error;
  };
  const hold = (record: RotationRecord, before: StoredRecord | undefined): RotationRecord => {
    const slot = (['primary', 'secondary'] as const).find(
      (one) => before && record.keys[one].promisedUntil > before.record.keys[one].promisedUntil,
    );
    if (!slot || !before) return record;
    held = { slot, until: record.keys[slot].promisedUntil };
    return withPromise(record, slot, before.record.keys[slot].promisedUntil);
  };
  return {
    records: {
      ...records,
      write: (record, etag, history, signal) => records.write(hold(record, table.current()), etag, history, signal),
    },
    publisher: {
      ...publisher,
      tag: (...given) => publisher.tag(...given).then(persist, forget),
      publish: (...given) => publisher.publish(...given).then(persist, forget),
    },
  };
}

function withPromise(record: RotationRecord, slot: Slot, promisedUntil: number): RotationRecord {
  return { ...record, keys: { ...record.keys, [slot]: { ...record.keys[slot], promisedUntil } } };
}
