import type { Finding, Grade } from './findings.ts';

/** The first line of a status: whether all is well, and how much is not. */
export function verdictOf(findings: readonly Finding[]): { readonly tone: Grade | 'well'; readonly text: string } {
  const count = (grade: Grade) => findings.filter((finding) => finding.grade === grade).length;
  const [faults, warnings] = [count('fault'), count('warning')];
  if (faults > 0)
    return {
      tone: 'fault',
      text: `Not well: ${[plural(faults, 'fault'), ...(warnings > 0 ? [plural(warnings, 'warning')] : [])].join(', ')}.`,
    };
  if (warnings > 0) return { tone: 'warning', text: `Well so far, with ${plural(warnings, 'warning')}.` };
  return { tone: 'well', text: 'All is well.' };
}

export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
