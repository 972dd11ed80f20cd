/** Numbers that the same seed gives again. */
export type Random = {
  /** A whole number from 0 to one below `end`. */
  below(end: number): number;
  /** One of several. */
  from<T>(values: readonly [T, ...T[]]): T;
};

/** mulberry32: 32 bits of state, which is plenty to choose by. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const below = (end: number) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * end);
  };
  return { below, from: (values) => values[below(values.length)] ?? values[0] };
}
