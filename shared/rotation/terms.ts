/**
 * What the inequalities of rotation are made of, in milliseconds. Their one-letter names stand in `docs/rotation.md`.
 */
export type Terms = {
  /** V: how long a write to Key Vault may stay invisible to a reader. */
  readonly visibilityMs: number;
  /** C: how old a read may be that stands in for a promise. */
  readonly readAgeMs: number;
  /** H: the longest life of a header set. */
  readonly headerLifetimeMs: number;
  /** ε: how far a clock may be off. Two clocks differ by twice as much. */
  readonly skewMs: number;
  /** F: how long a call that carries a header may be under way. */
  readonly flightMs: number;
  /** G: how long a gateway may take to accept a new key. */
  readonly propagationMs: number;
  /** P: how far ahead a key is promised. */
  readonly promiseMs: number;
};

/** Microsoft states no bound for any of these; `docs/rotation.md` says where each comes from. */
export const defaultTerms = {
  visibilityMs: 60_000,
  readAgeMs: 60_000,
  skewMs: 10_000,
  flightMs: 15_000,
} as const satisfies Partial<Terms>;

/** The larger of each: while a rotation runs, what was promised under an older configuration still counts. */
export function largestTerms(one: Terms, other: Terms): Terms {
  const larger = (name: keyof Terms) => Math.max(one[name], other[name]);
  return {
    visibilityMs: larger('visibilityMs'),
    readAgeMs: larger('readAgeMs'),
    headerLifetimeMs: larger('headerLifetimeMs'),
    skewMs: larger('skewMs'),
    flightMs: larger('flightMs'),
    propagationMs: larger('propagationMs'),
    promiseMs: larger('promiseMs'),
  };
}

/**
 * The moment before which the key of a slot is not regenerated: when every promise for it, and every header set that was handed out on a read
 * from before the switch away from it, has ended, by any clock, with calls still under way.
 *
 * @param promisedUntil every promise made for the key; 0 for none.
 * @param switchedOn when the other slot's key was seen to be the published one.
 */
export function regenerateNotBefore(terms: Terms, promisedUntil: number, switchedOn: number): number {
  const { visibilityMs, readAgeMs, headerLifetimeMs, skewMs, flightMs } = terms;
  const lastHeader = switchedOn + visibilityMs + readAgeMs + headerLifetimeMs;
  return Math.max(promisedUntil, lastHeader) + 2 * skewMs + flightMs;
}

/** The moment before which a regenerated key is not published, by any clock. */
export function publishNotBefore({ propagationMs, skewMs }: Terms, regeneratedAt: number): number {
  return regeneratedAt + propagationMs + 2 * skewMs;
}

/** The moment before which nobody but its owner acts on an intent. */
export function takeOverNotBefore({ skewMs }: Terms, requestTimeoutMs: number, startedAt: number): number {
  return startedAt + requestTimeoutMs + 2 * skewMs;
}

/** The shortest that a drain can be: V + C + H + 2ε + F. */
export function shortestDrainMs(terms: Terms): number {
  return regenerateNotBefore(terms, 0, 0);
}
