import { describe, expect, test } from '@jest/globals';
import { isWithinNoise, slopeOf } from '../../../scripts/soak/slope.ts';
import { createRandom } from '../../simulation/random.ts';

const hourMs = 3_600_000;
const [mean, count] = [25_000_000, 180];

/** An hour of samples; each is what `valueAt` makes of the part of the hour that is over. */
function samplesOf(valueAt: (part: number) => number) {
  return Array.from({ length: count }, (_, index) => ({
    atMs: (index / count) * hourMs,
    value: valueAt(index / count),
  }));
}

/** Noise of about a megabyte; each is so much of the one before. */
function noiseOf(seed: number, kept: number): () => number {
  const random = createRandom(seed);
  let last = 0;
  return () => (last = kept * last + (random.next() - 0.5) * 2_000_000);
}

describe('the slope of a heap', () => {
  test('is what is added in an hour, exactly where nothing else is', () => {
    const slope = slopeOf(samplesOf((part) => mean + 7_000_000 * part));
    expect(slope?.perHour).toBeCloseTo(7_000_000, 0);
    expect(slope?.error).toBeCloseTo(0, 0);
  });

  test('has the error of textbooks where each sample is for itself', () => {
    const noise = noiseOf(1, 0);
    const slope = slopeOf(samplesOf(() => mean + noise()));
    // σ/√(n·var(t)): the noise is uniform over 2 MB, and the moments over an hour.
    expect(slope?.error).toBeGreaterThan(100_000);
    expect(slope?.error).toBeLessThan(220_000);
  });

  test('has a larger error where each sample is much of the one before', () => {
    const [free, kept] = [noiseOf(1, 0), noiseOf(1, 0.9)];
    const ofFree = slopeOf(samplesOf(() => mean + free()));
    const ofKept = slopeOf(samplesOf(() => mean + kept()));
    expect(ofKept?.error).toBeGreaterThan(4 * (ofFree?.error ?? 0));
  });

  test.each([1, 2, 3, 4, 5])(
    'is within noise for noise alone, and not for a leak of 4 MB an hour in it (%i)',
    (seed) => {
      const [calm, leaking] = [noiseOf(seed, 0.3), noiseOf(seed, 0.3)];
      const verdictOf = (samples: ReturnType<typeof samplesOf>) => {
        const slope = slopeOf(samples);
        return slope && isWithinNoise(slope, mean);
      };
      expect(verdictOf(samplesOf(() => mean + calm()))).toBe(true);
      expect(verdictOf(samplesOf((part) => mean + leaking() + 4_000_000 * part))).toBe(false);
    },
  );

  test('of less than one part in a hundred is nothing, however well it is known', () => {
    expect(isWithinNoise({ perHour: 0.009 * mean, error: 1 }, mean)).toBe(true);
    expect(isWithinNoise({ perHour: 0.011 * mean, error: 1 }, mean)).toBe(false);
    expect(isWithinNoise({ perHour: -mean, error: 1 }, mean)).toBe(true);
  });

  test('is not told from a few samples', () => {
    expect(slopeOf(samplesOf(() => mean).slice(0, 9))).toBeUndefined();
  });
});
