import type { Bar, Comparison, Contest, Rounds } from './contest.ts';

/** Of several rounds. */
export type Summary = { readonly median: number; readonly least: number; readonly most: number };

export type Figure = Summary & { readonly contestant: string; readonly measure: string; readonly unit: string };
export type Compared = Summary & { readonly title: string; readonly bar: Bar | null; readonly isMet: boolean };

/** The value below which that share of the values lies. @throws {RangeError} where there are none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).toSorted();
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  if (value === undefined) throw new RangeError('there is no value');
  return value;
}

/** The middle one; of an even number, half way between the two in the middle. */
export function median(values: readonly number[]): number {
  const half = values.length / 2;
  const upper = quantile(values, 0.5);
  if (!Number.isInteger(half)) return upper;
  const lower = values.toSorted((one, other) => one - other)[half - 1] ?? upper;
  return (lower + upper) / 2;
}

export function summarise(values: readonly number[]): Summary {
  return { median: median(values), least: Math.min(...values), most: Math.max(...values) };
}

export function figuresOf(rounds: Rounds, { units }: Pick<Contest, 'units'>): Figure[] {
  return Array.from(rounds).flatMap(([contestant, measures]) =>
    Array.from(measures, ([measure, values]) => {
      return { contestant, measure, unit: units[measure] ?? '', ...summarise(values) };
    }),
  );
}

/** Compares round by round, and not the medians: what slows the machine down in one round then slows both. */
export function compare(rounds: Rounds, comparison: Comparison): Compared {
  const { title, measure, of, over, minus, bar = null } = comparison;
  const own = valuesOf(rounds, of, measure);
  const divisors = over === undefined ? undefined : valuesOf(rounds, over, measure);
  const subtrahends = minus === undefined ? undefined : valuesOf(rounds, minus, measure);
  const compared = own.map((value, round) => (value - (subtrahends?.[round] ?? 0)) / (divisors?.[round] ?? 1));
  const summary = summarise(compared);
  return { title, ...summary, bar, isMet: bar === null || isWithin(summary.median, bar) };
}

function isWithin(value: number, bar: Bar): boolean {
  return 'atMost' in bar ? value <= bar.atMost : value >= bar.atLeast;
}

function valuesOf(rounds: Rounds, contestant: string, measure: string): readonly number[] {
  const values = rounds.get(contestant)?.get(measure);
  if (!values) throw new RangeError(`nobody has measured "${measure}" of "${contestant}"`);
  return values;
}
