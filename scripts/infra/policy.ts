import type { Evaluated } from './evaluated.ts';

/** A rule that the infrastructure keeps. */
export type Policy = {
  readonly name: string;
  /** @returns what is against it, each with where. */
  readonly against: (evaluated: Evaluated) => string[];
};
