import type { Clock } from '../../shared/clock.ts';

export type SteadyCalls = {
  figures(): { calls: number; failed: number };
  /** Makes no more; resolves when those under way have ended. */
  stop(): Promise<void>;
};

type Dependencies = {
  clock: Clock;
  /** Makes one call; resolves with whether it went well. */
  call: (n: number) => Promise<boolean>;
};

const lookMs = 5;

/** Makes so many calls a second, however long each takes. */
export function startSteadyCalls({ clock, call }: Dependencies, perSecond: number): SteadyCalls {
  const startedAt = clock.monotonic();
  const underWay = new Set<Promise<void>>();
  let [calls, failed] = [0, 0];
  let cancel = (): void => {};

  const callOnce = async (n: number): Promise<void> => {
    const isGood = await call(n).catch(() => false);
    if (!isGood) failed += 1;
  };
  const makeDue = (): void => {
    const due = ((clock.monotonic() - startedAt) * perSecond) / 1_000;
    for (; calls < due; calls += 1) {
      const calling = callOnce(calls).finally(() => underWay.delete(calling));
      underWay.add(calling);
    }
    cancel = clock.after(lookMs, makeDue);
  };
  makeDue();
  return {
    figures: () => ({ calls, failed }),
    stop: async () => {
      cancel();
      await Promise.all(underWay);
    },
  };
}
