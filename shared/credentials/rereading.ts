/** When copies of secrets are read again in the background. */
export type Rereading = {
  /** How old a copy may grow, in milliseconds. Asked at each read. */
  readonly afterMs: () => number;
  /** Spreads the reads of many instances, with a number from 0 to 1. Default: none. */
  readonly spread?: (() => number) | undefined;
  /** Whether a read may begin that nobody waits for. Default: at any time. */
  readonly mayBegin?: (() => boolean) | undefined;
};

/** How old a copy may grow where a vault has reads to spare: sooner helps nobody. */
export const leastRereadMs = 300_000;

/**
 * What all instances together read in a second in the background, at most: half of the 4,000 in 10 s that a vault answers ("Azure Key Vault
 * service limits"). The other half is for those that start, and for the rotation.
 */
const readsPerSecond = 200;

/** How old copies may grow, in milliseconds, so that so many instances with so many secrets each leave half of what a vault answers to others. */
export function rereadAfterMs(instances: number, secrets: number): number {
  return Math.max(leastRereadMs, (instances * secrets * 1_000) / readsPerSecond);
}
