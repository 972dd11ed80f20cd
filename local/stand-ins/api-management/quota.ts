import type { Clock } from '../../../shared/clock.ts';

/** So many calls in each period of so many milliseconds. */
export type QuotaRule = { calls: number; periodMs: number };

/** The calls that one gateway lets one subscription make. */
export type Quota = {
  /** A new rule, counted from now; `undefined` allows any number. */
  set(rule: QuotaRule | undefined): void;
  /** Takes one call. `undefined` when it may be made, else the milliseconds until the period ends. */
  take(): number | undefined;
};

/** No limit, until a rule is set. */
export function createQuota(clock: Clock): Quota {
  let rule: QuotaRule | undefined;
  let periodEnd = 0;
  let left = 0;

  const startPeriod = ({ calls, periodMs }: QuotaRule): void => {
    periodEnd = clock.monotonic() + periodMs;
    left = calls;
  };

  return {
    set: (next) => {
      rule = next;
      if (rule) startPeriod(rule);
    },
    take: () => {
      if (!rule) return undefined;
      if (clock.monotonic() >= periodEnd) startPeriod(rule);
      if (left <= 0) return periodEnd - clock.monotonic();
      left -= 1;
      return undefined;
    },
  };
}
