import type { StatusAnswer } from '../../shared/http/contract/status.ts';
import type { RotationView } from '../../shared/http/contract/rotation.ts';
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
/** The timer fires every minute: by then it has made each rotation's record. */
const firstTickMs = 300_000;
type Supply = 'key' | 'token';
const supplyKinds: ReadonlySet<string> = new Set<Supply>(['key', 'token']);

/** What a status tells that is not as it should be, most urgent first. */
export function findingsOf(status: StatusAnswer): readonly Finding[] {
  const now = Date.parse(status.generatedOn);
  const upMs = now - Date.parse(status.instance.startedOn);
  const found = [
    ...status.subscriptions.flatMap((one) => [
      ...ofSupply(one.name, 'key', one.key, now),
      ...ofRotation(one, now, upMs),
    ]),
    ...status.clients.flatMap((client) => ofClient(client, now)),
    ...ofConfiguration(status.configuration, now),
  ];
  return [...ofReadiness(status, found), ...found].toSorted((one, other) => order[one.grade] - order[other.grade]);
}

/** What nobody asks for is not kept at hand: an instance that holds nothing is in trouble only where something cannot be had. */
function ofReadiness({ readiness }: StatusAnswer, others: readonly Finding[]): Finding[] {
  const { ready, signingKeys, apis } = readiness;
  if (!signingKeys)
    return [fault('instance', 'signing-keys', 'has no signing keys of the tenant: no caller can be told apart')];
  const isInTrouble = others.some(({ grade, kind }) => grade === 'fault' && supplyKinds.has(kind));
  if (!ready && isInTrouble) return [fault('instance', 'readiness', 'is not ready: it can hand out nothing')];
  const empty = apis.filter((api) => !api.ready).map(({ name }) => name);
  if (empty.length === 0 || isInTrouble) return [];
  const which = empty.length === apis.length ? 'any API' : empty.join(', ');
  return [
    note(
      'instance',
      'header-sets',
      `has nothing at hand for ${which}, because nobody has asked lately; the next who does waits for it`,
    ),
  ];
}

/** A key or a token, which is good until it ends however often its renewal fails. Without a failure, one that has ended is one that nobody wanted. */
function ofSupply(
  subject: string,
  kind: Supply,
  { usableUntil, lastFailure }: { usableUntil: string | null; lastFailure: Failed | null },
  now: number,
  scope = '',
): Finding[] {
  if (!lastFailure) return [];
  const leftMs = usableUntil === null ? 0 : Date.parse(usableUntil) - now;
  const failed = `${kind}${scope} cannot be had: ${describe(lastFailure, now)}`;
  return leftMs > 0
    ? [warning(subject, `${kind}${scope}`, `${failed}; what is there lasts another ${lasting(leftMs)}`)]
    : [fault(subject, kind, `${failed}; none is at hand`)];
}

function ofRotation({ name, rotation, rotationProblem }: Subscription, now: number, upMs: number): Finding[] {
  if (rotationProblem === 'no-record') return [ofMissingRecord(name, upMs)];
  if (rotationProblem !== null) {
    return [fault(name, 'record', `rotation stands still, its record cannot be read: ${rotationProblem}`)];
  }
  if (!rotation) return [];
  const { compromised, lastFailure, overdue, waitsForPerson, paused, state } = rotation;
  return [
    ...(compromised === null
      ? []
      : [fault(name, 'compromised', `the ${compromised} key is compromised and not yet regenerated`)]),
    ...ofPromise(name, rotation, now),
    ...(lastFailure ? [ofRotationFailure(name, lastFailure, now)] : []),
    ...(overdue ? [warning(name, 'overdue', `rotation is overdue in ${state}`)] : []),
    ...(waitsForPerson
      ? [warning(name, 'person', 'somebody must regenerate a key in the portal and store it: docs/rotation.md')]
      : []),
    ...(paused ? [note(name, 'paused', 'rotation is paused')] : []),
  ];
}

function ofMissingRecord(name: string, upMs: number): Finding {
  return upMs < firstTickMs
    ? note(name, 'record', 'has no rotation record yet: the first tick of the timer makes it')
    : warning(
        name,
        'record',
        'has no rotation record, which the first tick of the timer makes: the timer may not be running',
      );
}

/** A key that is promised no longer is not handed out: the timer keeps the promise of the active one up. */
function ofPromise(
  name: string,
  { activeSlot, primary, secondary, compromised }: RotationView,
  now: number,
): Finding[] {
  const { promisedUntil } = activeSlot === 'primary' ? primary : secondary;
  if (promisedUntil === null || compromised === activeSlot || Date.parse(promisedUntil) > now) return [];
  return [
    fault(
      name,
      'promise',
      `the promise of the active key ran out ${relative(promisedUntil, now)}: the timer does not keep it up`,
    ),
  ];
}

function ofRotationFailure(name: string, failed: Failed, now: number): Finding {
  return (failed.times >= faultFrom ? fault : warning)(name, 'rotation', `rotation fails: ${describe(failed, now)}`);
}

function ofClient({ name, credential, secret, tokens }: Client, now: number): Finding[] {
  const what = credential === 'certificate' ? 'certificate' : 'client secret';
  return [
    ...tokens.flatMap((token) => ofSupply(name, 'token', token, now, ` for ${token.scope}`)),
    ...(secret.lastFailure
      ? [warning(name, 'secret', `${what} cannot be read: ${describe(secret.lastFailure, now)}`)]
      : []),
    ...ofExpiry(name, what, secret.expiresOn, now),
  ];
}

const [dayMs, soonDays, laterDays] = [86_400_000, 30, 60];

function ofExpiry(name: string, what: string, expiresOn: string | null, now: number): Finding[] {
  if (expiresOn === null) return [];
  const days = (Date.parse(expiresOn) - now) / dayMs;
  if (days > laterDays) return [];
  const grade = days <= 0 ? fault : days <= soonDays ? warning : note;
  return [grade(name, 'expiry', `${what} ${days <= 0 ? 'expired' : 'expires'} ${relative(expiresOn, now)}`)];
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
