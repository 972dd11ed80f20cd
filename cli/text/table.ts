/** Characters in a line where nobody says how many there are. */
export const usualWidth = 100;

/** Rows as aligned columns, two spaces in and two apart; the last column is wrapped to the width. */
export function columns(rows: readonly (readonly string[])[], width = usualWidth): string[] {
  const widths = widthsOf(rows);
  return rows.flatMap((row) => {
    const head = row.slice(0, -1).map((cell, at) => cell.padEnd(widths[at] ?? 0));
    const indent = 2 + widths.slice(0, row.length - 1).reduce((sum, each) => sum + each + 2, 0);
    const [first = '', ...more] = wrap(row.at(-1) ?? '', Math.max(width - indent, 30));
    return [['', ...head, first].join('  ').trimEnd(), ...more.map((line) => ' '.repeat(indent) + line)];
  });
}

function widthsOf(rows: readonly (readonly string[])[]): number[] {
  const count = Math.max(0, ...rows.map((row) => row.length));
  return Array.from({ length: count }, (_, at) => Math.max(0, ...rows.map((row) => (row[at] ?? '').length)));
}

/** A text in lines of at most `width` characters, but for words that are longer. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** A table: headings in capitals, numbers to the right. */
export function table(headings: readonly string[], rows: readonly (readonly (string | number)[])[]): string[] {
  const all = [headings.map((heading) => heading.toUpperCase()), ...rows.map((row) => row.map(String))];
  const widths = widthsOf(all);
  const isNumber = headings.map((_, at) => rows.length > 0 && rows.every((row) => typeof row[at] === 'number'));
  const align = (cell: string, at: number) =>
    isNumber[at] ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0);
  return all.map((row) => ['', ...row.map(align)].join('  ').trimEnd());
}
