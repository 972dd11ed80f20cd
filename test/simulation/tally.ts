import { faultKinds, type FaultKind } from './faults.ts';
import type { History } from './history.ts';
import type { Violation } from './oracle.ts';
import type { Outcome } from './simulate.ts';

/** What many histories came to. */
export type Tally = {
  histories: number;
  uses: number;
  issued: number;
  /** Uses that an outside hand or an emergency has spoilt. */
  refusals: number;
  violations: number;
  readonly faults: Record<FaultKind, number>;
  /** After each outside hand on a published key, for each instance: how long until it handed out a good header set. Milliseconds. */
  readonly recoveriesMs: number[];
  /** The first few histories with violations, in full. */
  readonly found: { readonly index: number; readonly violation: Violation; readonly history: History }[];
};

const mostFound = 3;

export function createTally(): Tally {
  const faults = Object.fromEntries(faultKinds.map((kind) => [kind, 0])) as Record<FaultKind, number>;
  return { histories: 0, uses: 0, issued: 0, refusals: 0, violations: 0, faults, recoveriesMs: [], found: [] };
}

export function addOutcome(tally: Tally, outcome: Outcome, history: History, index: number): void {
  const [violation] = outcome.violations;
  addTally(tally, {
    ...outcome,
    histories: 1,
    violations: outcome.violations.length,
    faults: { ...createTally().faults, ...Object.fromEntries(outcome.faults) },
    recoveriesMs: [...outcome.recoveriesMs],
    found: violation ? [{ index, violation, history }] : [],
  });
}

export function addTally(tally: Tally, other: Tally): void {
  for (const name of ['histories', 'uses', 'issued', 'refusals', 'violations'] as const) tally[name] += other[name];
  for (const kind of faultKinds) tally.faults[kind] += other.faults[kind];
  tally.recoveriesMs.push(...other.recoveriesMs);
  tally.found.push(...other.found.slice(0, Math.max(0, mostFound - tally.found.length)));
}
