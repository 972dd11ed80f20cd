const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** How a duration is written: a whole number and `ms`, `s`, `m`, `h` or `d`. */
export const durationPattern = /^(0|[1-9]\d{0,8})(ms|s|m|h|d)$/;

/** Reads `250ms`, `90s`, `5m`, `12h` or `30d` as milliseconds; `undefined` for anything else. */
export function parseDuration(text: string): number | undefined {
  const match = durationPattern.exec(text);
  if (!match) return undefined;
  const [, amount, unit] = match;
  return Number(amount) * unitMs[unit as keyof typeof unitMs];
}
