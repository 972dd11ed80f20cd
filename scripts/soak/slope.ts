/** A line through samples: how much is added in an hour, and its standard error. */
export type Slope = { readonly perHour: number; readonly error: number };

type Sample = { readonly atMs: number; readonly value: number };

const hourMs = 3_600_000;

/**
 * Least squares. What a process keeps now is much of what it kept a moment ago, so that samples say less than as many independent ones would: the
 * error is reckoned with n(1 − r)/(1 + r) of them, where r is the correlation of one residual with the next.
 *
 * @returns `undefined` for fewer than ten samples.
 */
export function slopeOf(samples: readonly Sample[]): Slope | undefined {
  const count = samples.length;
  if (count < 10) return undefined;
  const hours = samples.map(({ atMs }) => atMs / hourMs);
  const values = samples.map(({ value }) => value);
  const [middle, mean] = [meanOf(hours), meanOf(values)];
  const spread = sumOf(hours.map((at) => (at - middle) ** 2));
  const perHour = sumOf(hours.map((at, index) => (at - middle) * ((values[index] ?? 0) - mean))) / spread;
  const residuals = values.map((value, index) => value - mean - perHour * ((hours[index] ?? 0) - middle));
  const variance = sumOf(residuals.map((residual) => residual ** 2));
  const shifted = sumOf(residuals.slice(1).map((residual, index) => residual * (residuals[index] ?? 0)));
  const correlation = variance === 0 ? 0 : Math.min(Math.max(shifted / variance, 0), 0.95);
  const independent = Math.max((count * (1 - correlation)) / (1 + correlation), 3);
  const perSample = (variance / count) * (independent / (independent - 2));
  return { perHour, error: Math.sqrt((perSample * count) / (spread * independent)) };
}

/** Below this share of the mean, what is added in an hour is nothing whatever its error. */
const nothing = 0.01;

/** Whether a slope is within noise: zero is in its 95 % interval, or below it; or it is less than 1 % of the mean an hour. */
export function isWithinNoise({ perHour, error }: Slope, mean: number): boolean {
  return perHour - 1.96 * error <= 0 || perHour <= nothing * mean;
}

export function meanOf(values: readonly number[]): number {
  return values.length === 0 ? 0 : sumOf(values) / values.length;
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
