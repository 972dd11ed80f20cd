import { untilAborted } from '../deadline.ts';
import { BrokerError } from '../errors.ts';
import { withoutTrace } from '../trace-context.ts';

type Options<T> = {
  /** Writes items in one transaction: all of them, or none. */
  readonly write: (items: readonly T[]) => Promise<void>;
  /** Items of different keys are never in one transaction. */
  readonly keyOf: (item: T) => string;
  /** Bytes in a transaction. */
  readonly sizeOf: (item: T) => number;
  /** Of one transaction. */
  readonly most: { readonly items: number; readonly bytes: number };
  /** Whoever comes when so many wait is refused. */
  readonly mostWaiting: number;
};

/** Writes together what comes at the same time. */
export type GroupCommit<T> = {
  /**
   * Resolves when the item is written.
   *
   * @param signal after it nobody waits any more: the item is left out, unless its transaction is under way.
   * @throws {BrokerError} `audit-unavailable` when too many wait; the signal's reason; and whatever `write` throws.
   */
  add(item: T, signal: AbortSignal): Promise<void>;
};

type Waiter<T> = {
  readonly item: T;
  readonly signal: AbortSignal;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
};

/**
 * One transaction at a time. Whatever comes while it is under way goes into the next: the busier, the larger they are, and an item that comes alone
 * waits for nobody. Each waiter is told of its own transaction.
 */
export function createGroupCommit<T>({ write, keyOf, sizeOf, most, mostWaiting }: Options<T>): GroupCommit<T> {
  const waiting: Waiter<T>[] = [];
  let isWriting = false;

  /** As many of the oldest as fit into one transaction. */
  const takeGroup = (): Waiter<T>[] => {
    const [first] = waiting;
    let [count, bytes] = [0, 0];
    for (const { item } of waiting) {
      bytes += sizeOf(item);
      const fits = count < most.items && (count === 0 || bytes <= most.bytes);
      if (!first || !fits || keyOf(item) !== keyOf(first.item)) break;
      count += 1;
    }
    return waiting.splice(0, count).filter(({ signal }) => !signal.aborted);
  };

  const writeGroup = async (group: readonly Waiter<T>[]): Promise<void> => {
    try {
      await write(group.map(({ item }) => item));
      for (const { resolve } of group) resolve();
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  };

  const run = async (): Promise<void> => {
    isWriting = true;
    while (waiting.length > 0) {
      const group = takeGroup();
      if (group.length > 0) await writeGroup(group);
    }
    isWriting = false;
  };

  return {
    add: (item, signal) => {
      if (waiting.length >= mostWaiting) return Promise.reject(new BrokerError('audit-unavailable'));
      const written = new Promise<void>((resolve, reject) => waiting.push({ item, signal, resolve, reject }));
      // It is none of the requests' own that it writes for.
      if (!isWriting) void withoutTrace(run);
      return untilAborted(written, signal);
    },
  };
}
