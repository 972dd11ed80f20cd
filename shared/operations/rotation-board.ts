import type { Clock } from '../clock.ts';
import { untilAborted, withDeadline } from '../deadline.ts';
import { BrokerError, type Reason } from '../errors.ts';
import type { SubscriptionName } from '../names.ts';
import type { RecordStore } from '../rotation/ports.ts';
import type { RotationRecord } from '../rotation/record.ts';

/** What is known of one rotation: its record, or why there is none to show. */
export type Seen = { readonly record: RotationRecord } | { readonly problem: Reason };

/** The records of all rotations, for whoever looks at them often. */
export type RotationBoard = {
  /** By the subscription's name. A record that cannot be read is a problem of its own, and keeps no other from being shown. */
  read(signal: AbortSignal): Promise<ReadonlyMap<SubscriptionName, Seen>>;
  /** A record was changed by us: the next read shows it. */
  forget(): void;
};

/** A dashboard that renews itself every few seconds, in however many browsers, costs one read of each record in this time. */
const keptMs = 3_000;
const concurrency = 8;

/** There are no records where nothing is rotated. */
type Dependencies = { clock: Clock; records: Pick<RecordStore, 'read'> | undefined };
type Options = { subscriptions: readonly SubscriptionName[]; upstreamTimeoutMs: number };
type Board = ReadonlyMap<SubscriptionName, Seen>;

export function createRotationBoard({ clock, records }: Dependencies, options: Options): RotationBoard {
  let kept: { readonly at: number; readonly board: Promise<Board> } | undefined;

  const look = async (subscription: SubscriptionName, signal: AbortSignal): Promise<Seen> => {
    try {
      const stored = await records?.read(subscription, signal);
      return stored ? { record: stored.record } : { problem: 'no-record' };
    } catch (error) {
      return { problem: error instanceof BrokerError ? error.reason : 'unexpected' };
    }
  };

  /** One deadline for all of them, and whatever has come by then is shown. */
  const lookAtAll = async (): Promise<Board> => {
    const board = new Map<SubscriptionName, Seen>(
      options.subscriptions.map((name) => [name, { problem: 'storage-unavailable' }]),
    );
    const queue = options.subscriptions.values();
    const work = async (signal: AbortSignal) => {
      for (const name of queue) if (!signal.aborted) board.set(name, await look(name, signal));
    };
    await withDeadline(clock, options.upstreamTimeoutMs, 'storage-unavailable', async (signal) => {
      await Promise.all(Array.from({ length: concurrency }, () => work(signal)));
    }).catch(() => {});
    return new Map(board);
  };

  return {
    read: (signal) => {
      if (!kept || clock.monotonic() - kept.at >= keptMs) kept = { at: clock.monotonic(), board: lookAtAll() };
      return untilAborted(kept.board, signal);
    },
    forget: () => {
      kept = undefined;
    },
  };
}
