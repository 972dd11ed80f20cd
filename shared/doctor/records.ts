import type { Config } from '../config/config.ts';
import type { BrokerError } from '../errors.ts';
import { toTimestamp, type SubscriptionName } from '../names.ts';
import { isOverdue } from '../rotation/overdue.ts';
import type { RotationPolicy } from '../rotation/policy.ts';
import type { StoredRecord } from '../rotation/ports.ts';
import { nameOf, type RotationRecord } from '../rotation/record.ts';
import { causeOf, tellUpstream } from './cause-of.ts';
import type { Cause } from './causes.ts';
import { findingsOf, type Finding } from './finding.ts';
import { skipped as skip, valueOf, type Look, type Seen } from './look.ts';
import type { DoctorPorts } from './ports.ts';
import { publishedSlot, type SubscriptionSight } from './subscriptions.ts';

/** The record of each subscription that is rotated. */
export type Records = ReadonlyMap<SubscriptionName, Seen<StoredRecord | undefined>>;

const ofStorage = findingsOf('storage');
const ofRotation = findingsOf('rotation');

export async function lookAtRecords(
  { records }: Pick<DoctorPorts, 'records'>,
  { subscriptions }: Config,
  hasIdentity: boolean,
  look: Look,
): Promise<Records> {
  const seen = subscriptions.flatMap(({ name, rotation }) => (rotation && records ? [readOne(records, name)] : []));
  async function readOne({ read }: NonNullable<typeof records>, name: SubscriptionName) {
    if (!hasIdentity) return [name, skip('The app’s identity has no token for Table Storage.')] as const;
    return [name, await look.at('storage-unavailable', (signal) => read(name, signal))] as const;
  }
  return new Map(await Promise.all(seen));
}

const subject = 'TABLE_SERVICE_URL';
/** These say something of the storage, not of one record. */
const causesOfStorage: ReadonlySet<Cause> = new Set(['storage-unavailable', 'storage-forbidden', 'storage-refused']);

/** Nothing where no subscription is rotated. */
export function judgeStorage(records: Records): Finding[] {
  const seen = Array.from(records.values());
  if (seen.length === 0) return [];
  const error = sharedError(seen);
  if (error) return [ofStorage.fault(subject, causeOf(error), tellUpstream(error))];
  const isReached = seen.some(({ kind }) => kind !== 'skipped');
  return [isReached ? ofStorage.well(subject) : ofStorage.skipped(subject, 'Nothing was read from it.')];
}

function sharedError(seen: readonly Seen<unknown>[]): BrokerError | undefined {
  const errors = seen.map((one) => (one.kind === 'failed' ? one.error : undefined));
  return errors.every((error) => error && causesOfStorage.has(causeOf(error))) ? errors[0] : undefined;
}

type Context = {
  readonly sight: SubscriptionSight;
  readonly policy: RotationPolicy;
  readonly isStorageDown: boolean;
  readonly wallMs: number;
};

/** A record against what the vault and the authority have. What is most urgent is told, and nothing else. */
export function judgeRotation(seen: Seen<StoredRecord | undefined>, context: Context): Finding {
  const { name } = context.sight.subscription;
  const { well, warning, fault, skipped } = ofRotation;
  if (context.isStorageDown) return skipped(name, 'Table Storage cannot be read.');
  if (seen.kind === 'skipped') return skipped(name, seen.because);
  if (seen.kind === 'failed') return fault(name, causeOf(seen.error), tellUpstream(seen.error));
  if (!seen.value) return judgeMissing(context);
  const { record } = seen.value;
  const problem = problemOf(record, context);
  const told = `It is ${nameOf(record.state)}, at generation ${record.generation}; the ${record.active} key is in use.`;
  return problem ? warning(name, problem.cause, `${told} ${problem.detail}`) : well(name, told);
}

/** A key that rotation has published carries its generation. */
function judgeMissing({ sight }: Context): Finding {
  const { name } = sight.subscription;
  const generation = valueOf(sight.published)?.generation;
  if (generation === undefined)
    return ofRotation.skipped(name, 'There is no record yet: the rotation timer makes it when it first fires.');
  return ofRotation.warning(name, 'record-missing', `The key’s generation is ${generation}.`);
}

/** The timer fires each minute, and a failing step fails at each. */
const recentMs = 600_000;

type Problem = { readonly cause: Cause; readonly detail: string };

function problemOf(record: RotationRecord, { sight, policy, wallMs }: Context): Problem | undefined {
  const slot = publishedSlot(sight);
  if (slot && slot !== record.active && !isSwitching(record, wallMs)) {
    return { cause: 'record-stale', detail: `The published key is the ${slot} one.` };
  }
  // One that is over stands in the record until its state ends.
  if (record.lastFailure && wallMs - record.lastFailure.at < recentMs) {
    const { reason, at, times } = record.lastFailure;
    return { cause: 'rotation-failing', detail: `Last at ${toTimestamp(at)}, ${times} times in a row: ${reason}.` };
  }
  const safeUntil = valueOf(sight.published)?.safeUntil;
  if (safeUntil !== undefined && safeUntil < wallMs) {
    return { cause: 'promise-ended', detail: `It ran until ${toTimestamp(safeUntil)}.` };
  }
  if (record.paused || sight.subscription.rotation?.paused) return { cause: 'rotation-paused', detail: '' };
  return isOverdue(record, policy, wallMs) ? { cause: 'rotation-overdue', detail: '' } : undefined;
}

/** Just before the record notes a switch, and just after it, when a read may show what was published before. */
function isSwitching({ state, switchedOn, terms }: RotationRecord, wallMs: number): boolean {
  return state.phase === 'publishing' || wallMs < switchedOn + terms.visibilityMs + 2 * terms.skewMs;
}
