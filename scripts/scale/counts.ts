/** Requests by the second in which they were made, from one moment on. */
export type Counts = {
  add(atMs: number): void;
  /** How many there were, in so many seconds. */
  summary(): Summary;
};

export type Summary = {
  readonly total: number;
  readonly meanIn10s: number;
  /** The most in any ten whole seconds that follow one another. */
  readonly peakIn10s: number;
  readonly peakIn1s: number;
};

/** @param weight how many requests each stands for. */
export function createCounts(fromMs: number, untilMs: number, weight: number): Counts {
  const seconds = new Uint32Array(Math.ceil((untilMs - fromMs) / 1_000));
  return {
    add: (atMs) => {
      const second = Math.floor((atMs - fromMs) / 1_000);
      if (second >= 0 && second < seconds.length) seconds[second] = (seconds[second] ?? 0) + 1;
    },
    summary: () => {
      const total = seconds.reduce((sum, count) => sum + count, 0);
      const peakIn10s = peakOf(seconds, 10);
      return {
        total: total * weight,
        meanIn10s: (total * weight * 10) / seconds.length,
        peakIn10s: peakIn10s * weight,
        peakIn1s: peakOf(seconds, 1) * weight,
      };
    },
  };
}

function peakOf(seconds: Uint32Array, width: number): number {
  let [sum, peak] = [0, 0];
  seconds.forEach((count, second) => {
    sum += count - (seconds[second - width] ?? 0);
    peak = Math.max(peak, sum);
  });
  return peak;
}
