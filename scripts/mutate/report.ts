/** What came of one change, as Stryker tells it. */
type Result = { readonly fileName: string; readonly status: string };

/** What came of the changes to one file. */
export type Row = { readonly file: string; readonly noticed: number; readonly left: number };

const noticed: ReadonlySet<string> = new Set(['Killed', 'Timeout']);
const left: ReadonlySet<string> = new Set(['Survived', 'NoCoverage']);

/** A row for each file, by name. Changes that do not even run count for nothing. */
export function toRows(results: readonly Result[]): Row[] {
  const byFile = Map.groupBy(results, ({ fileName }) => fileName);
  const count = (of: readonly Result[], statuses: ReadonlySet<string>) =>
    of.filter(({ status }) => statuses.has(status)).length;
  const rows = Array.from(byFile, ([file, of]) => ({ file, noticed: count(of, noticed), left: count(of, left) }));
  return rows.toSorted((one, other) => (one.file < other.file ? -1 : 1));
}

/** How many of a hundred changes are noticed. 100 where there are none. */
export function percentOf(rows: readonly Row[]): number {
  const all = rows.reduce((sum, row) => sum + row.noticed + row.left, 0);
  return all === 0 ? 100 : (100 * rows.reduce((sum, row) => sum + row.noticed, 0)) / all;
}

/** A table of Markdown: a line for each file, and one for all of them. */
export function toTable(rows: readonly Row[]): string {
  const line = (name: string, of: readonly Row[]) => {
    const leftOver = of.reduce((sum, row) => sum + row.left, 0);
    return `| ${name} | ${percentOf(of).toFixed(1)} % | ${leftOver === 0 ? '' : leftOver} |\n`;
  };
  const lines = rows.map((row) => line(`\`${row.file}\``, [row]));
  return `| file | noticed | left |\n| --- | --- | --- |\n${lines.join('')}${line('all', rows)}`;
}
