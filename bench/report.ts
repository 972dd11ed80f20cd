import type { Bar } from './contest.ts';
import type { Machine, Results, RowResult } from './results.ts';
import type { Compared, Figure, Summary } from './statistics.ts';

/** A row for a terminal. */
export function toText(name: string, { title, rounds, figures, comparisons }: RowResult): string {
  const widest = Math.max(...figures.map(({ contestant }) => contestant.length));
  const lines = figures.map(
    (figure) => `  ${figure.contestant.padEnd(widest)}  ${describeFigure(figure)}  (${spreadOf(figure)})`,
  );
  const judged = comparisons.map(
    (compared) => `  ${wordOf(compared)}  ${compared.title}: ${describeCompared(compared)} (${spreadOf(compared)})`,
  );
  return [`${name}: ${title}, ${rounds} rounds, median (least to most)`, ...lines, ...judged, ''].join('\n');
}

/** `docs/performance.md`. */
export function toPage(results: Results): string {
  const all = Object.entries(results);
  return [
    '# Performance',
    '',
    'Written by `npm run bench -- --write`; the same figures are in `bench/results.json`. Those that are compared were measured in turns, and each ratio',
    'is the median of the ratios of single rounds, with the least and the most behind it. Trust ratios: times are those of the machine.',
    '',
    ...Array.from(new Set(all.map(([, { machine }]) => describeMachine(machine))), (machine) => `- ${machine}`),
    '',
    ...all.flatMap(([name, result]) => toSection(name, result)),
  ].join('\n');
}

function toSection(name: string, { title, how, rounds, figures, comparisons }: RowResult): string[] {
  return [
    `## ${title}`,
    '',
    how,
    '',
    `\`npm run bench -- --only ${name}\`, ${rounds} rounds.`,
    '',
    '| | median | least to most |',
    '| --- | --- | --- |',
    ...figures.map(
      (figure) => `| ${figure.contestant}, ${figure.measure} | ${valueOf(figure)} | ${spreadOf(figure)} |`,
    ),
    '',
    '| compared | | least to most | bar | |',
    '| --- | --- | --- | --- | --- |',
    ...comparisons.map(
      (compared) =>
        `| ${compared.title} | ${format(compared.median)} | ${spreadOf(compared)} | ${describeBar(compared.bar)} | ${wordOf(compared)} |`,
    ),
    '',
  ];
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
