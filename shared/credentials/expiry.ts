/** How many days before its end a client secret is warned of. */
const warnings = [7, 30, 60];
const dayMs = 86_400_000;

/** Whole days until a moment, where a warning is due: in the last 60 days. `undefined` where none is. */
export function daysToWarnOf(expiresOn: number | undefined, wallMs: number): number | undefined {
  if (expiresOn === undefined) return undefined;
  const daysLeft = daysUntil(expiresOn, wallMs);
  return warnings.some((days) => daysLeft <= days) ? daysLeft : undefined;
}

/** Whole days until a moment, 0 after it. */
export function daysUntil(expiresOn: number, wallMs: number): number {
  return Math.max(0, Math.floor((expiresOn - wallMs) / dayMs));
}

/**
 * The threshold that a number of days has passed: each is warned of once. In the last week each day is one: an alert looks at a day, and closes by
 * itself when nothing was told in it.
 */
export function thresholdOf(daysLeft: number): number {
  const [lastWeek = 0] = warnings;
  if (daysLeft <= lastWeek) return daysLeft;
  return warnings.find((days) => daysLeft <= days) ?? Infinity;
}
