import type { Outcome } from '../../test/faults/fault.ts';

/** What the faults came to, for a program. */
export type FaultFigures = { readonly violations: number; readonly rows: readonly Outcome[] };

export function toFaultFigures(rows: readonly Outcome[]): FaultFigures {
  return { violations: rows.reduce((sum, { wrong }) => sum + wrong.length, 0), rows };
}

/** The same for a person, as a table of Markdown. */
export function toFaultTable({ violations, rows }: FaultFigures): string {
  const lines = rows.map(({ fault, warm, cold, heals }) => `| ${[fault, warm, cold, heals].join(' | ')} |\n`);
  const head = '| fault | warm | cold | heals |\n| --- | --- | --- | --- |\n';
  return `${head}${lines.join('')}\n${rows.length} faults, ${violations} broken guarantees.\n`;
}
