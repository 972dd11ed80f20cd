import * as fc from 'fast-check';
import { plannedKinds, type Fault, type FaultKind } from './faults.ts';
import { stormMs, type History } from './history.ts';
import type { Removal } from './removals.ts';

const degree = fc.integer({ min: 0, max: 999 }).map((part) => part / 1_000);
const moment = fc.integer({ min: 0, max: stormMs - 1_800_000 });

const faultsOf = (kinds: readonly FaultKind[], minLength: number, maxLength: number) =>
  fc.array(fc.record({ kind: fc.constantFrom(...kinds), at: moment, degree }), { minLength, maxLength, size: 'max' });

/** What needs more than its moment to come about is planned more often. */
const rareKinds: readonly FaultKind[] = [
  'older version read by a cold instance',
  'older version read by a cold instance',
  'older version read by a cold instance',
  'older version read by a cold instance',
  'slow read that spans the switch',
  'slow read that spans the switch',
  'rollback refused after the point of no return',
  'rollback refused after the point of no return',
  'gateway offline while settling',
  'Key Vault read-only through a whole drain',
  '409 or 422',
  'start now',
];
const weightedKinds = [...plannedKinds, ...rareKinds];

/** Few kinds, close together: what they do to each other is worse than what each does. */
const crowded = fc
  .tuple(fc.uniqueArray(fc.constantFrom(...plannedKinds), { minLength: 2, maxLength: 4 }), moment)
  .chain(([kinds, from]) =>
    faultsOf(kinds, 4, 8).map((faults) => faults.map((fault) => ({ ...fault, at: from + (fault.at % 900_000) }))),
  );

const parts = {
  seed: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
  faults: fc.oneof(faultsOf(weightedKinds, 0, 9), crowded),
  skews: fc.array(fc.constantFrom(0, -1, 1), { minLength: 2, maxLength: 3 }),
  nodes: fc.array(fc.constantFrom(1, 2, 2), { minLength: 1, maxLength: 3 }),
  lag: fc.constantFrom<History['lag'][]>('any', 'G−1', 'one at G−1', 'G+1'),
  isProbePinned: fc.boolean(),
  promiseMs: fc.constantFrom(300_000, 900_000, 2_400_000),
  propagationMs: fc.constantFrom(30_000, 600_000),
  requestTimeoutMs: fc.constantFrom(20_000, 900_000),
  acceptsNeeded: fc.constantFrom(1, 3),
  everyMs: fc.constantFrom(0, 300_000),
  active: fc.constantFrom<History['active'][]>('primary', 'secondary'),
  isUntagged: fc.boolean(),
  isSharp: fc.boolean(),
  hasFailingNeighbour: fc.integer({ min: 0, max: 9 }).map((part) => part === 0),
};

/** Any history at all. */
export const anyHistory: fc.Arbitrary<History> = fc.record(parts);

/** Without the promise, what is left of the inequality is as short as can be: then each of its terms is needed to the full. */
const promisedShortly = {
  promiseMs: fc.constant(300_000),
  isSharp: fc.constant(true),
  propagationMs: fc.constant(30_000),
  skews: fc.constantFrom([-1, 1], [-1, 1, 1], [1, -1, -1]),
  faults: faultsOf(['two timers at once', 'burst of past-due ticks', 'clock jump'], 0, 3),
};

/** A key is promised for longer, seen by a reader that then sees no more, and retired before anyone can promise it again. */
const taggedThenRolledBack = fc.tuple(moment, degree).map(([at, part]): Fault[] => [
  { kind: 'crash after tagging', at, degree: part },
  { kind: 'rollback while draining', at, degree: part, after: 'crash after tagging' },
  { kind: 'Key Vault out of reach of one instance', at, degree: part, after: 'rollback while draining' },
]);

const worst: Readonly<Record<Removal, Partial<{ [Part in keyof History]: fc.Arbitrary<History[Part]> }>>> = {
  promise: {
    promiseMs: fc.constant(2_400_000),
    faults: faultsOf(['Key Vault down longer than C, before safeUntil'], 0, 3),
  },
  recordBeforeTag: {
    promiseMs: fc.constant(2_400_000),
    propagationMs: fc.constant(30_000),
    everyMs: fc.constant(0),
    skews: fc.constant([0]),
    requestTimeoutMs: fc.constant(20_000),
    hasFailingNeighbour: fc.constant(false),
    faults: taggedThenRolledBack,
  },
  V: promisedShortly,
  C: promisedShortly,
  H: promisedShortly,
  '2epsilon': promisedShortly,
  F: promisedShortly,
  G: {
    propagationMs: fc.constant(600_000),
    nodes: fc.constant([2]),
    isProbePinned: fc.constant(true),
    lag: fc.constantFrom<History['lag'][]>('one at G−1'),
  },
  youngIntent: {
    propagationMs: fc.constant(30_000),
    requestTimeoutMs: fc.constant(900_000),
    isSharp: fc.constant(true),
    faults: faultsOf(['owner of an intent is slow'], 3, 6),
  },
};

/** Histories in which something that the machine lacks is most likely to be missed. */
export function historyWithout(removal: Removal): fc.Arbitrary<History> {
  return fc.record({ ...parts, ...worst[removal] });
}
