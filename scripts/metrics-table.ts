import { attributes, instruments, type Instrument } from '../shared/telemetry/instruments.ts';

/** The part of `docs/metrics.md` that lists instruments and attributes. */
export function renderMetricsTable(): string {
  return [
    table(['instrument', 'kind', 'unit', 'attributes', 'what'], Object.values(instruments).map(toRow)),
    table(
      ['attribute', 'values'],
      Object.entries(attributes).map(([name, values]) => [`\`${name}\``, values]),
    ),
  ].join('\n\n');
}

function toRow({ name, kind, unit, attributes: names, description }: Instrument): string[] {
  return [`\`${name}\``, kind, `\`${unit}\``, names.map((each) => `\`${each}\``).join(', '), description];
}

function table(heads: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n');
}
