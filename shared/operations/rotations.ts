import type { Clock } from '../clock.ts';
import { BrokerError } from '../errors.ts';
import type { RotationView } from '../http/contract/rotation.ts';
import type { SubscriptionName } from '../names.ts';
import type { RotationPolicy } from '../rotation/policy.ts';
import type { HistoryEntry, RecordStore, SteeringStore } from '../rotation/ports.ts';
import { steerStored, type Steered, type SteeringRequest } from '../rotation/steer-stored.ts';
import type { RotationBoard } from './rotation-board.ts';
import { toRotationView } from './rotation-view.ts';

/** One rotation with its history, newest first; or why there is none. */
type RotationSeen = {
  readonly rotation: RotationView | null;
  readonly problem: string | null;
  readonly history: readonly HistoryEntry[];
};

export type Rotations = {
  /** As it stands in storage now. A record that cannot be read is told as a problem. @throws {BrokerError} when storage cannot be read. */
  read(subscription: SubscriptionName, signal: AbortSignal): Promise<RotationSeen>;
  /** @throws {BrokerError} `not-rotated`, and those of `steerStored`. */
  steer(request: SteeringRequest, signal: AbortSignal): Promise<Steered & { readonly view: RotationView }>;
};

type Rotated = { readonly records: Store; readonly policy: RotationPolicy };
type Store = RecordStore & SteeringStore;
type Dependencies = {
  clock: Clock;
  /** Absent where nothing is rotated. */
  records: Store | undefined;
  board: RotationBoard;
  /** Of every subscription that is rotated. */
  policies: ReadonlyMap<SubscriptionName, RotationPolicy>;
};

const historyLines = 50;

export function createRotations({ clock, records, board, policies }: Dependencies): Rotations {
  const find = (subscription: SubscriptionName): Rotated | undefined => {
    const policy = policies.get(subscription);
    return records && policy && { records, policy };
  };

  const look = async ({ records: from, policy }: Rotated, subscription: SubscriptionName, signal: AbortSignal) => {
    const stored = await from.read(subscription, signal);
    if (!stored) return { rotation: null, problem: 'no-record' };
    return { rotation: toRotationView(stored.record, policy, clock.wall()), problem: null };
  };

  return {
    read: async (subscription, signal) => {
      const rotated = find(subscription);
      if (!rotated) return { rotation: null, problem: 'not-rotated', history: [] };
      const [seen, history] = await Promise.all([
        look(rotated, subscription, signal).catch(toProblem),
        rotated.records.history(subscription, historyLines, signal),
      ]);
      return { ...seen, history };
    },
    steer: async (request, signal) => {
      const rotated = find(request.subscription);
      if (!rotated) throw new BrokerError('not-rotated');
      const steered = await steerStored({ clock, records: rotated.records }, request, signal).finally(() =>
        board.forget(),
      );
      return { ...steered, view: toRotationView(steered.record, rotated.policy, steered.at) };
    },
  };
}

/** A corrupt record is a fact about the rotation, to be shown beside its history; that storage is down is one about this request. */
function toProblem(error: unknown) {
  if (error instanceof BrokerError && error.reason === 'record-corrupt') {
    return { rotation: null, problem: error.reason };
  }
  throw error;
}
