import { toTimestamp } from '../names.ts';
import type { Finding } from './finding.ts';

/** The answer of `POST /v1/doctor`, and what `broker doctor --json` prints. */
export type Report = {
  readonly examinedOn: string;
  readonly well: number;
  readonly warnings: number;
  readonly faults: number;
  readonly findings: readonly Finding[];
};

/** @param wallMs when the examination began. */
export function toReport(findings: readonly Finding[], wallMs: number): Report {
  const count = (verdict: Finding['verdict']) => findings.filter((finding) => finding.verdict === verdict).length;
  return {
    examinedOn: toTimestamp(wallMs),
    well: count('well'),
    warnings: count('warning'),
    faults: count('fault'),
    findings,
  };
}
