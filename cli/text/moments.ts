const [secondMs, minuteMs, hourMs, dayMs] = [1_000, 60_000, 3_600_000, 86_400_000];

/** How long: `45 s`, `12 min`, `30 h`, `27 d`. The unit is the largest of which there are more than one and a half, or two days. */
export function lasting(ms: number): string {
  const length = Math.abs(ms);
  if (length < 1.5 * minuteMs) return `${Math.round(length / secondMs)} s`;
  if (length < 1.5 * hourMs) return `${Math.round(length / minuteMs)} min`;
  if (length < 2 * dayMs) return `${Math.round(length / hourMs)} h`;
  return `${Math.round(length / dayMs)} d`;
}

/** A moment as it is from another: `in 12 min`, `3 h ago`. @param now wall clock, milliseconds. */
export function relative(moment: string, now: number): string {
  const away = Date.parse(moment) - now;
  return away > 0 ? `in ${lasting(away)}` : `${lasting(away)} ago`;
}

/** A moment in UTC, as logs have it: `2026-11-24 03:05:00Z`. */
export function absolute(moment: string): string {
  return new Date(moment)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, 'Z');
}

/** Both: `2026-11-24 03:05:00Z (in 12 min)`. */
export function both(moment: string, now: number): string {
  return `${absolute(moment)} (${relative(moment, now)})`;
}
