import { arch, availableParallelism, cpus, platform, totalmem } from 'node:os';
import type { Compared, Figure } from './statistics.ts';

export type Machine = {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly system: string;
  readonly node: string;
};

/** One row, measured once. */
export type RowResult = {
  /** When. */
  readonly on: string;
  readonly machine: Machine;
  readonly rounds: number;
  readonly figures: readonly Figure[];
  readonly comparisons: readonly Compared[];
};

/** What `bench/results.json` holds: by the rows' names the last measurements of each, the oldest first. */
export type Results = Readonly<Record<string, readonly RowResult[]>>;

/** As many as a bar must be met in. */
const kept = 3;

export function describeMachine(): Machine {
  return {
    processor: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${arch()}`,
    node: process.version,
  };
}

/** Those of before, with those of this run behind them, in the order of the table. */
export function addResults(
  before: Results,
  now: Readonly<Record<string, RowResult>>,
  order: readonly string[],
): Results {
  return Object.fromEntries(
    order.flatMap((name) => {
      const all = [...(before[name] ?? []), ...(now[name] ? [now[name]] : [])];
      return all.length === 0 ? [] : [[name, all.slice(-kept)]];
    }),
  );
}
