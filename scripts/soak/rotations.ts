import type { Clock } from '../../shared/clock.ts';

type Keys = { readonly primary: string; readonly secondary: string };

/** Looks at the keys of API Management: how often one is another, and the longest that none was. */
export type Rotations = {
  figures(): { regenerated: number; bySubscription: Readonly<Record<string, number>>; longestGapMs: number };
  stop(): void;
};

const lookMs = 250;

export function watchRotations(
  { clock, keysOf }: { clock: Clock; keysOf: (subscription: string) => Keys | undefined },
  subscriptions: readonly string[],
): Rotations {
  const known = new Map(subscriptions.map((name) => [name, keysOf(name)]));
  const bySubscription = Object.fromEntries(subscriptions.map((name) => [name, 0]));
  let [lastAt, longestGapMs] = [clock.monotonic(), 0];
  let cancel = (): void => {};

  const look = (): void => {
    for (const [name, before] of known) {
      const now = keysOf(name);
      if (now?.primary === before?.primary && now?.secondary === before?.secondary) continue;
      known.set(name, now);
      bySubscription[name] = (bySubscription[name] ?? 0) + 1;
      longestGapMs = Math.max(longestGapMs, clock.monotonic() - lastAt);
      lastAt = clock.monotonic();
    }
    cancel = clock.after(lookMs, look);
  };
  look();

  return {
    figures: () => ({
      regenerated: Object.values(bySubscription).reduce((sum, count) => sum + count, 0),
      bySubscription: { ...bySubscription },
      longestGapMs: Math.max(longestGapMs, clock.monotonic() - lastAt),
    }),
    stop: () => cancel(),
  };
}
