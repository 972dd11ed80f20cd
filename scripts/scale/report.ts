import type { Cures } from './instance.ts';
import type { Outcome } from './replay.ts';
import type { Scenario } from './scenarios.ts';
import { vaultLimitIn10s } from './upstreams.ts';

/** What each scenario is lived through with: today's code last. */
export const variants: readonly { readonly name: string; readonly cures: Cures }[] = [
  { name: 'before', cures: { spread: false, paced: false, restrained: false } },
  { name: 'now, without jitter', cures: { spread: false, paced: true, restrained: true } },
  { name: 'now', cures: { spread: true, paced: true, restrained: true } },
];

const columns = [
  '',
  'vault, in 10 s: mean',
  'peak',
  'of its limit',
  'in 1 s: peak',
  'refused (429)',
  'token requests, in 10 s: mean',
  'peak',
  'in 1 s: peak',
  'hand-outs that failed',
  '99 of 100 served after',
];

/** A scenario's table, in Markdown. */
export function toTable({ title }: Pick<Scenario, 'title'>, outcomes: ReadonlyMap<string, Outcome>): string {
  const rows = Array.from(outcomes, ([name, outcome]) => [name, ...toCells(outcome)]);
  const lines = [columns, columns.map((_, index) => (index === 0 ? '---' : '---:')), ...rows];
  return `**${title}**\n\n${lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n`;
}

function toCells({ vault, refused, tokens, failedPart, servedAfterMs }: Outcome): string[] {
  return [
    toCount(vault.meanIn10s),
    toCount(vault.peakIn10s),
    toPercent(vault.peakIn10s / vaultLimitIn10s),
    toCount(vault.peakIn1s),
    toCount(refused),
    toCount(tokens.meanIn10s),
    toCount(tokens.peakIn10s),
    toCount(tokens.peakIn1s),
    toPercent(failedPart),
    servedAfterMs === undefined ? 'not by the end' : `${toCount(servedAfterMs / 1_000)} s`,
  ];
}

function toCount(count: number): string {
  return Math.round(count).toLocaleString('en');
}

function toPercent(part: number): string {
  return `${(part * 100).toLocaleString('en', { maximumFractionDigits: part < 0.1 ? 1 : 0 })} %`;
}

/** Which lines of a report do not stand in a page, however that is aligned. */
export function findMissing(report: string, page: string): string[] {
  const known = new Set(page.split('\n').map(withoutAlignment));
  return report.split('\n').filter((line) => !known.has(withoutAlignment(line)));
}

function withoutAlignment(line: string): string {
  return line.replaceAll(/\s+/g, ' ').replaceAll(/-+/g, '-').trim();
}
