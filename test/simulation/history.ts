import type { Slot } from '../../shared/rotation/slot.ts';
import type { Terms } from '../../shared/rotation/terms.ts';
import type { Fault } from './faults.ts';

/** One simulated history: all that it does not draw from its seed. Durations are milliseconds. */
export type History = {
  /** Of everything small: latencies, moments of use, propagation. */
  readonly seed: number;
  readonly faults: readonly Fault[];
  /** Each instance's clock, as parts of ε. */
  readonly skews: readonly number[];
  /** How many nodes stand behind each gateway's address. */
  readonly nodes: readonly number[];
  readonly lag: 'any' | 'G−1' | 'one at G−1' | 'G+1';
  /** A gateway's probe is always answered by its first node. */
  readonly isProbePinned: boolean;
  readonly promiseMs: number;
  readonly propagationMs: number;
  readonly requestTimeoutMs: number;
  readonly acceptsNeeded: number;
  readonly everyMs: number;
  readonly active: Slot;
  /** The published key has no tags yet. */
  readonly isUntagged: boolean;
  /** Everything happens at the worst moment that is allowed: reads as old as can be, ticks the moment that a wait is over. */
  readonly isSharp: boolean;
  /** A second subscription, whose authority refuses. */
  readonly hasFailingNeighbour: boolean;
  /** Every answer comes at once, and shows what is. */
  readonly isCalm?: boolean;
  /** How long faults may happen. Default `stormMs`. */
  readonly stormMs?: number;
};

/** How things truly are. The machine is told the same, unless a term is removed. */
export const truth = {
  visibilityMs: 60_000,
  readAgeMs: 60_000,
  headerLifetimeMs: 300_000,
  skewMs: 10_000,
  flightMs: 15_000,
} as const satisfies Partial<Terms>;

/** How late a request may be carried out after it was sent, and how old a list may be. Less than the quarantine. */
export const lateMs = 110_000;
export const quarantineMs = 120_000;
export const tickMs = 60_000;
/** How long faults may happen. After that the weather is fair, and everything must come right. */
export const stormMs = 9_000_000;

export function termsOf(history: History): Terms {
  return { ...truth, promiseMs: history.promiseMs, propagationMs: history.propagationMs };
}
