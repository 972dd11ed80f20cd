import type { StatusAnswer } from '../../shared/http/contract/status.ts';
import { lasting, relative } from '../text/moments.ts';

/** Something that is not well (`fault`), will not be (`warning`), or is worth knowing (`note`). */
export type Finding = {
  readonly grade: Grade;
  /** What it is about: a name in the configuration, or `instance`. */
  readonly subject: string;
  /** Which one of those that a subject may have: the same as long as it lasts, whatever its text. */
  readonly kind: string;
  readonly text: string;
};
export type Grade = 'fault' | 'warning' | 'note';

type Subscription = StatusAnswer['subscriptions'][number];
type Client = StatusAnswer['clients'][number];
type Failed = { readonly reason: string; readonly times: number; readonly on: string };

const order = { fault: 0, warning: 1, note: 2 } as const satisfies Record<Grade, number>;
/** From so many failures in a row on a rotation is in need of somebody. */
const faultFrom = 3;
/** Below this much is left of what is handed out, something has kept it from being renewed for long. */
const runsOutMs = 300_000;

/** What a status tells that is not as it should be, most urgent first. */
export function findingsOf(status: StatusAnswer): readonly Finding[] {
  const now = Date.parse(status.generatedOn);
  const found = [
    ...ofReadiness(status.readiness),
    ...status.subscriptions.flatMap((subscription) => [...ofKey(subscription, now), ...ofRotation(subscription, now)]),
    ...status.clients.flatMap((client) => ofClient(client, now)),
    ...ofConfiguration(status.configuration, now),
  ];
  return found.toSorted((one, other) => order[one.grade] - order[other.grade]);
}

function ofReadiness({ ready, signingKeys, apis }: StatusAnswer['readiness']): Finding[] {
  const empty = apis.filter((api) => !api.ready).map(({ name }) => name);
  return [
    ...(signingKeys
      ? []
      : [fault('instance', 'signing-keys', 'has no signing keys of the tenant: no caller can be told apart')]),
    ...(ready || !signingKeys ? [] : [fault('instance', 'readiness', 'is not ready: it can hand out nothing')]),
    ...empty.map((name) => (ready ? warning : fault)(name, 'header-set', 'no header set is at hand for it')),
  ];
}

function ofKey({ name, key }: Subscription, now: number): Finding[] {
  return ofSupply(name, 'key', key, now);
}

/** A key or a token, which is good until it ends however often its renewal fails. */
function ofSupply(
  subject: string,
  what: string,
  { usableUntil, lastFailure }: { usableUntil: string | null; lastFailure: Failed | null },
  now: number,
): Finding[] {
  const leftMs = usableUntil === null ? undefined : Date.parse(usableUntil) - now;
  if (lastFailure) {
    const failed = `${what} cannot be had: ${describe(lastFailure, now)}`;
    if (leftMs === undefined || leftMs <= 0) return [fault(subject, what, `${failed}; nothing is handed out`)];
    return [warning(subject, what, `${failed}; what is there lasts another ${lasting(leftMs)}`)];
  }
  if (leftMs === undefined || leftMs > runsOutMs) return [];
  return leftMs <= 0
    ? [fault(subject, what, `${what} has run out`)]
    : [warning(subject, what, `${what} runs out in ${lasting(leftMs)}`)];
}

function ofRotation({ name, rotation, rotationProblem }: Subscription, now: number): Finding[] {
  if (rotationProblem !== null)
    return [fault(name, 'record', `rotation stands still, its record cannot be read: ${rotationProblem}`)];
  if (!rotation) return [];
  const { compromised, lastFailure, overdue, waitsForPerson, paused, state } = rotation;
  return [
    ...(compromised === null
      ? []
      : [fault(name, 'compromised', `the ${compromised} key is compromised and not yet regenerated`)]),
    ...(lastFailure ? [ofRotationFailure(name, lastFailure, now)] : []),
    ...(overdue ? [warning(name, 'overdue', `rotation is overdue in ${state}`)] : []),
    ...(waitsForPerson
      ? [warning(name, 'person', 'somebody must regenerate a key in the portal and store it: docs/rotation.md')]
      : []),
    ...(paused ? [note(name, 'paused', 'rotation is paused')] : []),
  ];
}

function ofRotationFailure(name: string, failed: Failed, now: number): Finding {
  return (failed.times >= faultFrom ? fault : warning)(name, 'rotation', `rotation fails: ${describe(failed, now)}`);
}

function ofClient({ name, secret, tokens }: Client, now: number): Finding[] {
  return [
    ...tokens.flatMap((token) => ofSupply(name, `token for ${token.scope}`, token, now)),
    ...(secret.lastFailure
      ? [warning(name, 'secret', `client secret cannot be read: ${describe(secret.lastFailure, now)}`)]
      : []),
    ...ofExpiry(name, secret.expiresOn, now),
  ];
}

const [dayMs, soonDays, laterDays] = [86_400_000, 30, 60];

function ofExpiry(name: string, expiresOn: string | null, now: number): Finding[] {
  if (expiresOn === null) return [];
  const days = (Date.parse(expiresOn) - now) / dayMs;
  if (days > laterDays) return [];
  const grade = days <= 0 ? fault : days <= soonDays ? warning : note;
  return [grade(name, 'expiry', `client secret ${days <= 0 ? 'expired' : 'expires'} ${relative(expiresOn, now)}`)];
}

function ofConfiguration({ lastFailure, problems }: StatusAnswer['configuration'], now: number): Finding[] {
  if (!lastFailure) return [];
  const count =
    problems.length === 0 ? '' : `; ${problems.length === 1 ? 'its problem' : `its ${problems.length} problems`} below`;
  return [warning('configuration', 'newer', `a newer one is not in use: ${describe(lastFailure, now)}${count}`)];
}

function describe({ reason, times, on }: Failed, now: number): string {
  return `${reason}, ${times > 1 ? `${times} times in a row, last ` : ''}${relative(on, now)}`;
}

const grading =
  (grade: Grade) =>
  (subject: string, kind: string, text: string): Finding => ({ grade, subject, kind, text });
const [fault, warning, note] = [grading('fault'), grading('warning'), grading('note')];
