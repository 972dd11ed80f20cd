import type { DoctorAnswer, Finding } from '../../shared/http/contract/doctor.ts';
import { plural } from '../status/verdict.ts';
import type { Paint, Tone } from '../text/colours.ts';
import { printable } from '../text/printable.ts';
import { wrap } from '../text/table.ts';

const tones = { well: 'well', warning: 'warning', fault: 'fault', skipped: 'faint' } as const satisfies Record<
  Finding['verdict'],
  Tone
>;
/** Findings come one by one: nobody knows yet how long the longest is. */
const [verdictWidth, checkWidth] = [9, 14];

/** One finding for a person, in lines: what was looked at, and below it what was seen and what to do. What is well has one line. */
export function findingLines(
  { check, subject, verdict, cause, detail, remedy }: Finding,
  paint: Paint,
  width: number,
): string[] {
  const about = `  ${paint(tones[verdict], verdict.padEnd(verdictWidth))}${check.padEnd(checkWidth)}`;
  const indent = 2 + verdictWidth + checkWidth;
  const name = printable(subject);
  if (verdict === 'well') {
    return [
      `${about}${name}${paint('faint', cut(`  ${printable(detail ?? '')}`, width - indent - name.length))}`.trimEnd(),
    ];
  }
  const below = (text: string | null) =>
    text === null ? [] : wrap(printable(text), Math.max(40, width - indent)).map((line) => ' '.repeat(indent) + line);
  return [
    `${about}${paint('strong', name)}${cause === null ? '' : `: ${paint(tones[verdict], cause)}`}`,
    ...below(detail),
    ...below(remedy),
  ];
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, Math.max(0, length - 1))}…`;
}

/** The last line of an examination. */
export function summaryLine({ well, warnings, faults, findings }: DoctorAnswer, paint: Paint): string {
  const skipped = findings.filter(({ verdict }) => verdict === 'skipped').length;
  const counts = [
    plural(faults, 'fault'),
    plural(warnings, 'warning'),
    `${well} well`,
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
  ].join(', ');
  const first = findings.find(({ verdict }) => verdict === 'fault');
  if (first) return paint('fault', `Not well: ${counts}. Begin with ${printable(first.subject)}: ${first.cause}.`);
  return warnings > 0 ? paint('warning', `Well so far: ${counts}.`) : paint('well', `All is well: ${counts}.`);
}
