import { findingsOf, type Finding } from './finding.ts';
import { valueOf, type Seen } from './look.ts';
import type { PlainAnswer, TokenFacts } from './ports.ts';

const { well, warning, fault, skipped } = findingsOf('clock');
const subject = 'this machine’s clock';

/** How far ahead of ours a clock is, in milliseconds. */
export type Deviation = { readonly of: string; readonly ms: number };

/** A `Date` header is cut to the second, and an answer takes its time. */
const [warnAfterMs, faultAfterMs] = [60_000, 300_000];

export function deviationOf(of: string, seen: Seen<PlainAnswer>): readonly Deviation[] {
  const ms = valueOf(seen)?.aheadMs;
  return ms === undefined ? [] : [{ of, ms }];
}

/** A token cannot have been issued in the future: where it seems so, our clock is behind. Entra dates its tokens back, so that none seems old. */
export function deviationOfToken({ issuedAt = 0 }: TokenFacts, wallMs: number): readonly Deviation[] {
  const ms = issuedAt - wallMs;
  return ms > 0 ? [{ of: 'Entra, by a token of its,', ms }] : [];
}

/** The largest counts: each alone is reason enough for a token to be refused. */
export function judgeClock(deviations: readonly Deviation[]): Finding {
  const [largest] = deviations.toSorted((one, other) => Math.abs(other.ms) - Math.abs(one.ms));
  if (!largest) return skipped(subject, 'No service told the time.');
  const { of, ms } = largest;
  const seconds = Math.round(Math.abs(ms) / 1_000);
  const detail = `The clock of ${of} is ${seconds} s ${ms < 0 ? 'behind' : 'ahead'}.`;
  if (Math.abs(ms) > faultAfterMs) return fault(subject, 'clock-skew', detail);
  return Math.abs(ms) > warnAfterMs ? warning(subject, 'clock-skew', detail) : well(subject);
}
