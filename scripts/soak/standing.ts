/**
 * Until when each API's cached credential is good at one instance, as far as can be seen from outside: a header set ends no later than what it is made of.
 * Moments are wall clock, milliseconds.
 */
export type Standing = {
  given(api: string, expiresOn: number): void;
  /** A report may have replaced what is cached, for any API of the same subscription. */
  reported(): void;
  /** Looked at when a hand-out is asked for, and told at its answer whether what was cached was good all the while. */
  watch(api: string): (now: number) => boolean;
};

/** The broker hands out nothing that ends sooner (`leastLifeMs`), and loads it anew. */
const leastLifeMs = 10_000;
/** Both clocks are one; the answer took a moment. */
const marginMs = 1_000;

export function createStanding(): Standing {
  const goodUntil = new Map<string, number>();
  let age = 0;
  return {
    given: (api, expiresOn) => void goodUntil.set(api, Math.max(goodUntil.get(api) ?? 0, expiresOn)),
    reported: () => {
      goodUntil.clear();
      age += 1;
    },
    watch: (api) => {
      const [until, seenAt] = [goodUntil.get(api) ?? 0, age];
      return (now) => age === seenAt && until - now > leastLifeMs + marginMs;
    },
  };
}
