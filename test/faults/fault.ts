import type { FaultScene } from './scene.ts';

/** What is to be answered: `served`, or `503 upstream-unavailable`. */
type Expected = string;

/** Something that is done to what the broker stands on. */
export type Deed = (at: FaultScene) => Promise<unknown>;

/** A fault of an upstream or of the clock, as a caller meets it with everything cached and with nothing cached. */
export type FaultRow = {
  readonly name: string;
  /** Default: `payments`, which takes a key and a token. */
  readonly api?: 'core' | 'payments';
  /** Comes before the worker starts. */
  readonly prepare?: Deed;
  readonly spoil: Deed;
  /** Ends the fault. Default: lifts what was steered at `/faults`. */
  readonly mend?: Deed;
  readonly warm: Expected;
  readonly cold: Expected;
  /** How often is asked while everything is cached, and the simulated minutes between. Default: 9 times, every six minutes. */
  readonly asks?: number;
  readonly everyMinutes?: number;
  /** The upstream answers late or never: time must go on while a caller waits. */
  readonly isSilent?: true;
  /** Cold is without the tenant's signing keys, too. */
  readonly isOfSigningKeys?: true;
  /** Audit records are kept in a table, and nothing leaves without. */
  readonly isAuditInTable?: true;
  /** The most simulated seconds from the end of the fault until callers are served. Default: 31, the longest pause between attempts. */
  readonly healsWithin?: number;
};

/** What is more than asking through a fault. */
export type Trial = {
  readonly name: string;
  readonly carryOut: (at: FaultScene) => Promise<Omit<Outcome, 'fault'>>;
};

/** One row of the table. `wrong`: each broken guarantee, and whatever else was not as the row says. */
export type Outcome = {
  readonly fault: string;
  readonly warm: string;
  readonly cold: string;
  readonly heals: string;
  readonly wrong: readonly string[];
};
