import type { Removal } from '../../test/simulation/removals.ts';
import type { Tally } from '../../test/simulation/tally.ts';

/** What a whole simulation came to. */
export type Simulated = {
  readonly seed: number;
  readonly tally: Tally;
  /** For each thing that the machine was made to lack. */
  readonly without: ReadonlyMap<Removal, Tally>;
};

/** From this many histories on, each kind of fault must have shown this often, and header sets have been used this often. */
const [fullHistories, leastOfEachFault, leastUses] = [2_000, 50, 1_000_000];

/** Why the simulation has not shown what it is to show. Empty where it has. */
export function findShortfalls({ tally, without }: Simulated): string[] {
  const shortfalls = tally.violations > 0 ? [`${tally.violations} violations`] : [];
  for (const [removal, { violations }] of without) {
    if (violations === 0) shortfalls.push(`nobody misses ${removal}`);
  }
  if (tally.histories < fullHistories) return shortfalls;
  if (tally.uses < leastUses) shortfalls.push(`only ${tally.uses} uses`);
  for (const [kind, count] of Object.entries(tally.faults)) {
    if (count < leastOfEachFault) shortfalls.push(`"${kind}" only ${count} times`);
  }
  return shortfalls;
}

/** The figures, for a program. */
export function toFigures({ seed, tally, without }: Simulated): object {
  const { histories, uses, violations, refusals, faults } = tally;
  const removed = Object.fromEntries(Array.from(without, ([removal, found]) => [removal, found.violations]));
  return { histories, uses, violations, refusals, faults, removed, seed };
}

/** The figures, for a person. */
export function toTable({ seed, tally, without }: Simulated): string {
  const { histories, issued, uses, violations, refusals, faults, recoveriesMs } = tally;
  const recoveries = recoveriesMs.toSorted((one, other) => one - other);
  const at = (part: number) => toSeconds(recoveries[Math.floor((recoveries.length - 1) * part)]);
  const rows: [string, string | number][] = [
    ['seed', seed],
    ['histories', histories],
    ['header sets', issued],
    ['uses', uses],
    ['violations', violations],
    ['refusals after an outside hand or an emergency', refusals],
    ['good headers again after an outside hand, median', at(0.5)],
    ['good headers again after an outside hand, 99 of 100', at(0.99)],
  ];
  const sections = [
    toRows(rows),
    'Faults injected',
    toRows(Object.entries(faults)),
    'Violations without …',
    toRows(
      Array.from(without, ([removal, found]) => [
        removal,
        `${found.violations.toLocaleString('en')} in ${found.histories} histories`,
      ]),
    ),
  ];
  return `${sections.join('\n\n')}\n`;
}

function toSeconds(ms: number | undefined): string {
  return ms === undefined ? '-' : `${(ms / 1_000).toFixed(1)} s`;
}

function toRows(rows: readonly (readonly [string, string | number])[]): string {
  const written = rows.map(([name, value]) => [name, typeof value === 'number' ? value.toLocaleString('en') : value]);
  const width = Math.max(...written.map(([name = '']) => name.length));
  return written.map(([name = '', value = '']) => `  ${name.padEnd(width)}  ${value.padStart(12)}`).join('\n');
}
