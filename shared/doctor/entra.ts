import { causeOf, tellUpstream } from './cause-of.ts';
import { findingsOf, type Finding } from './finding.ts';
import type { Look, Seen } from './look.ts';
import type { DoctorPorts, PlainAnswer } from './ports.ts';

const { well, fault, skipped } = findingsOf('entra');
const subject = 'broker.tenantId';

/** Asks for the keys by which callers' tokens are checked. */
export function lookAtEntra({ askEntra }: Pick<DoctorPorts, 'askEntra'>, look: Look): Promise<Seen<PlainAnswer>> {
  return look.at('entra-unavailable', askEntra);
}

export function judgeEntra(seen: Seen<PlainAnswer>): Finding {
  if (seen.kind === 'skipped') return skipped(subject, seen.because);
  if (seen.kind === 'failed') return fault(subject, causeOf(seen.error), tellUpstream(seen.error));
  const { status } = seen.value;
  if (status === 200) return well(subject, 'Its tenant’s signing keys are there.');
  const isUnknown = status === 400 || status === 404;
  return fault(subject, isUnknown ? 'unknown-tenant' : 'entra-unavailable', `It answered ${status}.`);
}

/** Whether it is of no use to ask Entra for tokens. */
export function saysEntraIsDown(finding: Finding): boolean {
  return finding.cause === 'entra-unavailable';
}
