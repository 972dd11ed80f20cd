import type { Broken, Violation } from './judge.ts';

/** All that was found wrong. */
export type Findings = {
  note(violations: readonly Violation[]): void;
  counts(): ReadonlyMap<Broken, number>;
  total(): number;
};

const toldOfEach = 20;

/** @param tell given the first twenty of each guarantee, in words. */
export function createFindings(tell: (text: string) => void): Findings {
  const counts = new Map<Broken, number>();
  return {
    note: (violations) => {
      for (const { broken, what } of violations) {
        const count = (counts.get(broken) ?? 0) + 1;
        counts.set(broken, count);
        if (count <= toldOfEach) tell(`VIOLATED ${broken === 'contract' ? broken : `guarantee ${broken}`}: ${what}`);
      }
    },
    counts: () => counts,
    total: () => Array.from(counts.values()).reduce((sum, count) => sum + count, 0),
  };
}
