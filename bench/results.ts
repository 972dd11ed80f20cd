import { arch, availableParallelism, cpus, platform, totalmem } from 'node:os';
import type { Compared, Figure } from './statistics.ts';

export type Machine = {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly system: string;
  readonly node: string;
};

export type RowResult = {
  readonly title: string;
  readonly how: string;
  /** When it was measured. */
  readonly on: string;
  readonly machine: Machine;
  readonly rounds: number;
  readonly figures: readonly Figure[];
  readonly comparisons: readonly Compared[];
};

/** What `bench/results.json` holds, by the rows' names. */
export type Results = Readonly<Record<string, RowResult>>;

export function describeMachine(): Machine {
  return {
    processor: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${arch()}`,
    node: process.version,
  };
}

/** Those of before, with those of this run in their place, in the order of the table. */
export function mergeResults(before: Results, now: Results, order: readonly string[]): Results {
  return Object.fromEntries(
    order.flatMap((name) => {
      const result = now[name] ?? before[name];
      return result ? [[name, result]] : [];
    }),
  );
}
