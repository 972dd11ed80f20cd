import type { Fault } from './faults.ts';
import type { History } from './history.ts';

/** A history in which nothing goes wrong but what is said, and every answer comes as soon as it is asked for. */
export function historyOf(changes: Partial<History> = {}): History {
  return {
    seed: 1,
    faults: [],
    skews: [0],
    nodes: [1, 1],
    lag: 'G−1',
    isProbePinned: false,
    isCalm: true,
    promiseMs: 300_000,
    propagationMs: 30_000,
    requestTimeoutMs: 20_000,
    acceptsNeeded: 3,
    everyMs: 0,
    active: 'primary',
    isUntagged: false,
    isSharp: false,
    hasFailingNeighbour: false,
    stormMs: 2_400_000,
    ...changes,
  };
}

/** A fault that happens as soon as it can. */
export function soon(kind: Fault['kind'], changes: Partial<Fault> = {}): Fault {
  return { kind, at: 0, degree: 0.5, ...changes };
}
