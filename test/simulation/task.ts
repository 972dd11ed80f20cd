import * as fc from 'fast-check';
import { anyHistory, historyWithout } from './arbitraries.ts';
import type { Removal } from './removals.ts';
import { simulate } from './simulate.ts';
import { addOutcome, createTally, type Tally } from './tally.ts';

/** Some of the histories that a seed gives. */
export type Task = {
  readonly seed: number;
  /** Which of them: from this one, up to but without that one. */
  readonly from: number;
  readonly to: number;
  /** What the machine lacks. Then no more histories are lived through than it takes to notice, but for the first few. */
  readonly removal?: Removal;
};

/** How many histories are lived through without something, however soon it is missed. */
const leastWithout = 6;

export async function carryOut({ seed, from, to, removal }: Task): Promise<Tally> {
  const arbitrary = removal ? historyWithout(removal) : anyHistory;
  const histories = fc.sample(arbitrary, { numRuns: to, seed }).slice(from);
  const tally = createTally();
  for (const [index, history] of histories.entries()) {
    if (removal && tally.violations > 0 && index >= leastWithout) break;
    addOutcome(tally, await simulate(history, { removal }), history, from + index);
  }
  return tally;
}
