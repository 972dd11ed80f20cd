import { setImmediate } from 'node:timers';

/** Everything that is yet to happen in one simulated history, in the order of simulated time. */
export type Schedule = {
  /** The true time, which no clock in the simulation shows exactly: milliseconds since the epoch. */
  now(): number;
  /**
   * Plans something, at once where the moment has passed.
   *
   * @param isQuiet whether it settles no promise: then nothing is waited for after it.
   * @returns what cancels it.
   */
  at(time: number, run: () => void, isQuiet?: boolean): () => void;
  after(delayMs: number, run: () => void, isQuiet?: boolean): () => void;
  /** Lets happen what is planned until a moment, or until `isOver` says so. */
  run(until: number, isOver?: () => boolean): Promise<void>;
};

type Planned = {
  readonly at: number;
  readonly order: number;
  readonly isQuiet: boolean;
  run: (() => void) | undefined;
};

export function createSchedule(start: number): Schedule {
  const queue = createQueue();
  let now = start;
  let order = 0;

  const at = (time: number, run: () => void, isQuiet = false) => {
    order += 1;
    const planned: Planned = { at: Math.max(now, time), order, isQuiet, run };
    queue.push(planned);
    return () => {
      planned.run = undefined;
    };
  };

  return {
    now: () => now,
    at,
    after: (delayMs, run, isQuiet) => at(now + delayMs, run, isQuiet),
    run: async (until, isOver = () => false) => {
      for (let next = queue.peek(); next && next.at <= until && !isOver(); next = queue.peek()) {
        queue.pop();
        if (!next.run) continue;
        now = next.at;
        next.run();
        if (!next.isQuiet) await settle();
      }
      if (!isOver()) now = until;
    },
  };
}

/** Lets every promise settle that waits for nothing planned. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** A binary heap: what comes first is on top. */
function createQueue() {
  const heap: Planned[] = [];
  const isBefore = (one: Planned, other: Planned) =>
    one.at < other.at || (one.at === other.at && one.order < other.order);

  const rise = (from: number) => {
    for (let index = from; index > 0;) {
      const parent = (index - 1) >> 1;
      if (!swapIfBefore(index, parent)) return;
      index = parent;
    }
  };
  const sink = () => {
    for (let index = 0; ;) {
      const [left, right] = [2 * index + 1, 2 * index + 2];
      const first = isSooner(right, left) ? right : left;
      if (!swapIfBefore(first, index)) return;
      index = first;
    }
  };
  const isSooner = (one: number, other: number) => {
    const [a, b] = [heap[one], heap[other]];
    return a !== undefined && (b === undefined || isBefore(a, b));
  };
  const swapIfBefore = (one: number, other: number) => {
    const [a, b] = [heap[one], heap[other]];
    if (!a || !b || !isBefore(a, b)) return false;
    [heap[one], heap[other]] = [b, a];
    return true;
  };

  return {
    peek: () => heap[0],
    push: (planned: Planned) => {
      heap.push(planned);
      rise(heap.length - 1);
    },
    pop: () => {
      const last = heap.pop();
      if (!last || heap.length === 0) return;
      heap[0] = last;
      sink();
    },
  };
}
