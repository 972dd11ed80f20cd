/** Chance, repeatable: the same seed draws the same. */
export type Random = {
  /** From 0, below 1. */
  next(): number;
  chance(probability: number): boolean;
  /** A whole number, from 0 to one below `end`. */
  below(end: number): number;
  /** A whole number, both ends included. */
  between(least: number, most: number): number;
  /** As `between`, and mostly one of the ends: what breaks a guarantee lies there. */
  extreme(least: number, most: number): number;
  pick<T>(items: readonly T[]): T;
};

/** Mulberry32: small, fast, and good enough to vary a simulation. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (end: number) => Math.floor(next() * end);
  const between = (least: number, most: number) => least + below(most - least + 1);
  const extreme = (least: number, most: number) => {
    const drawn = next();
    if (drawn < 0.4) return least;
    return drawn < 0.8 ? most : between(least, most);
  };
  return {
    next,
    chance: (probability) => next() < probability,
    below,
    between,
    extreme,
    pick: <T>(items: readonly T[]) => {
      if (items.length === 0) throw new RangeError('There is nothing to pick from.');
      return items[below(items.length)] as T;
    },
  };
}

/**
 * The broker's backoffs draw from `Math.random`: from here on that is repeatable too.
 *
 * @returns what restores it.
 */
export function drawBackoffsFrom({ next }: Random): () => void {
  const { random } = Math;
  Math.random = next;
  return () => {
    Math.random = random;
  };
}
