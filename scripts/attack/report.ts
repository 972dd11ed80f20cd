import type { Group } from '../../test/attacks/attack.ts';
import { casesOf, type Failure } from '../../test/attacks/run.ts';
import type { Proof } from './prove.ts';

/** What the attacks came to, for a program. */
export type Figures = {
  readonly cases: number;
  readonly failures: number;
  readonly groups: readonly { readonly name: string; readonly cases: number; readonly failures: number }[];
};

export function toFigures(groups: readonly Group[], failures: readonly Failure[]): Figures {
  const rows = groups.map((group) => ({
    name: group.name,
    cases: casesOf(group).length,
    failures: failures.filter((failure) => failure.group === group.name).length,
  }));
  return { cases: rows.reduce((sum, { cases }) => sum + cases, 0), failures: failures.length, groups: rows };
}

/** The same for a person. */
export function toTable({ cases, failures, groups }: Figures): string {
  const rows = groups.map(({ name, ...figures }) => [name, String(figures.cases), String(figures.failures)] as const);
  return write([['group', 'cases', 'failures'], ...rows, ['all', String(cases), String(failures)]]);
}

/** Which attacks came through without each of the defences. */
export function toProofTable(proofs: readonly Proof[]): string {
  const rows = proofs.map(
    ({ defence, failures, outcome }) => [defence, failures === undefined ? '-' : String(failures), outcome] as const,
  );
  return write([['without this defence', 'attacks', 'outcome'], ...rows]);
}

function write(rows: readonly (readonly [string, string, string])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  const lines = rows.map(([name, count, last]) => `  ${name.padEnd(width)}  ${count.padStart(7)}  ${last.padStart(8)}`);
  return `${lines.join('\n')}\n`;
}
