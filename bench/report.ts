import type { Bar, Row } from './contest.ts';
import type { Machine, Results, RowResult } from './results.ts';
import type { Compared, Figure, Summary } from './statistics.ts';

/** What a row says of itself. */
export type RowText = Pick<Row, 'title' | 'how' | 'note'>;

/** A row for a terminal. */
export function toText(
  name: string,
  { title }: Pick<Row, 'title'>,
  { rounds, figures, comparisons }: RowResult,
): string {
  const widest = Math.max(...figures.map(({ contestant }) => contestant.length));
  const lines = figures.map(
    (figure) => `  ${figure.contestant.padEnd(widest)}  ${describeFigure(figure)}  (${spreadOf(figure)})`,
  );
  const judged = comparisons.map(
    (compared) => `  ${wordOf(compared)}  ${compared.title}: ${describeCompared(compared)} (${spreadOf(compared)})`,
  );
  return [`${name}: ${title}, ${rounds} rounds, median (least to most)`, ...lines, ...judged, ''].join('\n');
}

/** `docs/performance.md`, with every row, measured or not. */
export function toPage(rows: Readonly<Record<string, RowText>>, results: Results): string {
  const machines = Object.values(results).flatMap((runs) => runs.map(({ machine }) => describeMachine(machine)));
  return [
    '# Performance',
    '',
    'Written by `npm run bench -- --write` from `bench/results.json`, which holds the last three runs of each row. Those that are compared were measured in turns, in one',
    'run. A figure is the median of the rounds; of a comparison, it is the median of those of single rounds, with the least and the most behind it. Trust ratios: times are those of the machine.',
    '',
    ...Array.from(new Set(machines), (machine) => `- ${machine}`),
    '',
    ...Object.entries(rows).flatMap(([name, row]) => toSection(name, row, results[name] ?? [])),
  ].join('\n');
}

function toSection(name: string, { title, how, note }: RowText, runs: readonly RowResult[]): string[] {
  const latest = runs.at(-1);
  return [
    `## ${title}`,
    '',
    how,
    '',
    `\`npm run bench -- --only ${name}\`${latest ? `, ${latest.rounds} rounds` : ': not measured yet'}.`,
    '',
    ...(latest ? [...toComparisons(latest, runs), '', ...toFigures(latest, runs), ''] : []),
    ...(note === undefined ? [] : [note, '']),
  ];
}

function toComparisons({ comparisons }: RowResult, runs: readonly RowResult[]): string[] {
  if (comparisons.length === 0) return [];
  const lines = comparisons.map(({ title, bar }) => {
    const own = runs.map((run) => run.comparisons.find((each) => each.title === title));
    const cells = own.map((each) => (each ? `${format(each.median)} (${spreadOf(each)})` : '–'));
    return [title, describeBar(bar), ...cells, bar ? describeVerdicts(own) : ''];
  });
  return toTable(['compared', 'bar', ...runs.map(toHeading), ''], lines);
}

function describeVerdicts(compared: readonly (Compared | undefined)[]): string {
  const met = compared.filter((each) => each?.isMet === true).length;
  if (met === compared.length) return 'met';
  return met === 0 ? '**missed**' : `**missed** in ${compared.length - met} of ${compared.length}`;
}

function toFigures({ figures }: RowResult, runs: readonly RowResult[]): string[] {
  const lines = figures.map(({ contestant, measure, unit }) => {
    const own = runs.map((run) =>
      run.figures.find((each) => each.contestant === contestant && each.measure === measure),
    );
    return [`${contestant}, ${measure}`, unit, ...own.map((each) => (each ? format(each.median) : '–'))];
  });
  return toTable(['measured', '', ...runs.map(toHeading)], lines);
}

function toTable(heading: readonly string[], lines: readonly (readonly string[])[]): string[] {
  return [heading, heading.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`);
}

/** To the minute. */
function toHeading({ on }: RowResult): string {
  return on.slice(0, 16).replace('T', ' ');
}

function describeMachine({ processor, cores, memoryGb, system, node }: Machine): string {
  return `${processor}, ${cores} cores, ${memoryGb} GB, ${system}, Node.js ${node}`;
}

function describeFigure(figure: Figure): string {
  return `${valueOf(figure).padStart(14)}  ${figure.measure}`;
}

function valueOf({ median, unit }: Figure): string {
  return unit === '' ? format(median) : `${format(median)} ${unit}`;
}

function describeCompared({ median, bar }: Compared): string {
  return bar ? `${format(median)}, to be ${describeBar(bar)}` : format(median);
}

function describeBar(bar: Bar | null): string {
  if (!bar) return '–';
  return 'atMost' in bar ? `≤ ${format(bar.atMost)}` : `≥ ${format(bar.atLeast)}`;
}

function wordOf({ bar, isMet }: Compared): string {
  if (!bar) return 'told  ';
  return isMet ? 'met   ' : 'missed';
}

function spreadOf({ least, most }: Summary): string {
  return `${format(least)} to ${format(most)}`;
}

/** Three digits that count, and never an exponent. */
export function format(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const digits = Math.abs(value) >= 100 || value === 0 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return Number(value.toFixed(Math.min(digits, 6))).toLocaleString('en-US', { maximumFractionDigits: 6 });
}
