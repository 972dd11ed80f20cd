import type { HistoryEntry, StoredRecord } from '../../../shared/rotation/ports.ts';
import type { RotationRecord } from '../../../shared/rotation/record.ts';

/** The entity of one subscription in Table Storage, with its history. */
export type Table = {
  current(): StoredRecord | undefined;
  /** @returns the new ETag; `undefined` where the one given is not the current one. */
  write(record: RotationRecord, etag: string | undefined, history?: HistoryEntry): string | undefined;
  /** As somebody does who reads and writes with no one in between. */
  amend(change: (record: RotationRecord) => RotationRecord): void;
  /** As somebody does who deletes it. */
  lose(): void;
  history(): readonly HistoryEntry[];
};

/** @param onWrite told of each write that is made. */
export function createTable(
  onWrite: (record: RotationRecord, before: RotationRecord | undefined, history: HistoryEntry | undefined) => void,
): Table {
  let current: StoredRecord | undefined;
  let writes = 0;
  const entries: HistoryEntry[] = [];

  const write = (record: RotationRecord, etag: string | undefined, history?: HistoryEntry) => {
    if (current?.etag !== etag) return undefined;
    writes += 1;
    const before = current?.record;
    current = { record, etag: `etag-${writes}` };
    if (history) entries.unshift(history);
    onWrite(record, before, history);
    return current.etag;
  };

  return {
    current: () => current,
    write,
    amend: (change) => {
      if (current) write(change(current.record), current.etag);
    },
    lose: () => {
      current = undefined;
    },
    history: () => entries,
  };
}
