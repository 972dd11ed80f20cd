import type { Clock } from '../clock.ts';

/** How long one interval is, and how many are kept: an hour. */
export const intervalMs = 60_000;
const kept = 60;

/** How often something happened in each of the last 60 minutes. */
export type Intervals = {
  count(): void;
  /** Oldest first; the last is under way. */
  list(): number[];
};

export function createIntervals(clock: Clock): Intervals {
  const startedAt = clock.monotonic();
  const counts = Array.from({ length: kept }, () => 0);
  let newest = 0;

  const goOn = () => {
    const current = Math.floor((clock.monotonic() - startedAt) / intervalMs);
    // Whatever was skipped, no place is cleared twice.
    for (let left = Math.min(current - newest, kept); left > 0; left -= 1) counts[(current - left + 1) % kept] = 0;
    newest = current;
    return current % kept;
  };

  return {
    count: () => {
      const at = goOn();
      counts[at] = (counts[at] ?? 0) + 1;
    },
    list: () => {
      const oldest = goOn() + 1;
      return [...counts.slice(oldest), ...counts.slice(0, oldest)];
    },
  };
}
