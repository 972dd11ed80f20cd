/** How many days before its end a client secret is warned of. */
const warnings = [7, 30, 60];
const dayMs = 86_400_000;

/** Whole days until a moment, where a warning is due: at 60, 30 and 7 days. `undefined` where none is. */
export function daysToWarnOf(expiresOn: number | undefined, wallMs: number): number | undefined {
  if (expiresOn === undefined) return undefined;
  const daysLeft = Math.max(0, Math.floor((expiresOn - wallMs) / dayMs));
  return warnings.some((days) => daysLeft <= days) ? daysLeft : undefined;
}

/** The threshold that a number of days has passed: each is warned of once. */
export function thresholdOf(daysLeft: number): number {
  return warnings.find((days) => daysLeft <= days) ?? Infinity;
}
