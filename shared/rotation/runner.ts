import type { Clock } from '../clock.ts';
import { withDeadline } from '../deadline.ts';
import { BrokerError } from '../errors.ts';
import type { Fingerprint, SubscriptionName } from '../names.ts';
import type { Secret } from '../secret.ts';
import { adopt } from './adopt.ts';
import { apply, type Event } from './apply.ts';
import { decide } from './decide.ts';
import { look, lookAtKeys, type Look } from './look.ts';
import type { RotationPolicy } from './policy.ts';
import type { KeyAuthority, KeyProbe, KeyPublisher, RecordStore, StoredRecord } from './ports.ts';
import { nameOf, type FailureReason, type Intent, type RotationRecord } from './record.ts';
import { otherSlot } from './slot.ts';
import type { Step } from './step.ts';
import { largestTerms } from './terms.ts';

/** One subscription under rotation, with what its steps are carried out by. */
export type Rotated = {
  readonly subscription: SubscriptionName;
  readonly policy: RotationPolicy;
  readonly authority: KeyAuthority;
  readonly publisher: KeyPublisher;
  readonly probe: KeyProbe;
};

/** What a step came to, for the log. */
export type StepReport = {
  readonly subscription: SubscriptionName;
  readonly step: Step['kind'] | 'adopt' | 'terms' | 'lost' | 'rest';
  readonly from: string;
  readonly to: string;
  readonly generation: number;
  readonly alert: FailureReason | undefined;
  /** Until when nothing will happen, where that is known. Wall clock. */
  readonly until: number | undefined;
  /** Of the record afterwards. */
  readonly etag: string | undefined;
  readonly record: RotationRecord | undefined;
};

type Dependencies = {
  clock: Clock;
  records: RecordStore;
  fingerprintOf: (secret: Secret) => Fingerprint;
  /** Names this runner in its intents. */
  runner: string;
  createOperationId: () => string;
};

export type Runner = {
  /**
   * Moves one subscription by at most one step.
   *
   * @param restingAt the ETag of a record that is at rest: while it stands, the keys are not looked at.
   * @throws {BrokerError} when something that the step needs could not be seen or written: nothing was changed, or the next tick finds out.
   */
  step(rotated: Rotated, signal: AbortSignal, restingAt?: string): Promise<StepReport>;
  /** The same for a subscription whose key is being published. In any other state it does nothing. */
  publish(rotated: Rotated, signal: AbortSignal): Promise<StepReport>;
};

/** Executes what the machine decides. It knows no rule but the fence of an intent. */
export function createRunner(dependencies: Dependencies): Runner {
  const { clock, records, fingerprintOf } = dependencies;

  const save = async (stored: StoredRecord | undefined, record: RotationRecord, event: string, signal: AbortSignal) => {
    const from = stored ? nameOf(stored.record.state) : 'none';
    const to = nameOf(record.state);
    const isNews = from !== to || record.generation !== stored?.record.generation;
    const { generation, subscription } = record;
    const entry = { subscription, at: clock.wall(), from, to, event, generation, runner: dependencies.runner };
    const etag = await records.write(record, stored?.etag, isNews ? entry : undefined, signal);
    return etag === undefined ? undefined : { record, etag };
  };

  const record = async (rotated: Rotated, stored: StoredRecord, event: Event, signal: AbortSignal) => {
    const next = apply(stored.record, event, clock.wall(), rotated.policy.everyMs);
    return save(stored, next, event.kind, signal);
  };

  const startFirst = async (rotated: Rotated, signal: AbortSignal): Promise<StepReport> => {
    const keys = await lookAtKeys({ ...rotated, fingerprintOf }, signal);
    const adopted = adopt(rotated.subscription, keys.seen, rotated.policy, clock.wall());
    if (!adopted) return toReport(rotated, 'adopt', undefined, undefined, 'key-changed-outside');
    const stored = await save(undefined, adopted, 'adopted', signal);
    if (stored) await keepAlternate(rotated, adopted, keys, signal);
    return toReport(rotated, stored ? 'adopt' : 'lost', undefined, stored);
  };

  const keepAlternate = async (
    { publisher }: Rotated,
    { active, generation, compromised, unsettled }: RotationRecord,
    keys: Look,
    signal: AbortSignal,
  ) => {
    const slot = otherSlot(active);
    if (compromised === slot || unsettled === slot) return;
    const fingerprint = keys.seen.listed?.[slot];
    const secret = fingerprint && keys.secrets.get(fingerprint);
    if (secret) await publisher.storeAlternate({ secret, slot, fingerprint, generation }, signal);
  };

  /** Writes the intent. Who wins may act until the request timeout has passed on its own monotonic clock, however long it was frozen. */
  const claim = async (
    rotated: Rotated,
    stored: StoredRecord,
    fingerprintBefore: Fingerprint,
    safeUntil: number | undefined,
    signal: AbortSignal,
  ) => {
    const startedAt = clock.monotonic();
    const intent: Intent = {
      operationId: dependencies.createOperationId(),
      runner: dependencies.runner,
      startedAt: clock.wall(),
      fingerprintBefore,
      look: undefined,
    };
    const claimed = await record(rotated, stored, { kind: 'claimed', intent, safeUntil }, signal);
    const remainingMs = () => startedAt + rotated.policy.requestTimeoutMs - clock.monotonic();
    return claimed && { claimed, remainingMs };
  };

  const regenerate = async (
    rotated: Rotated,
    stored: StoredRecord,
    step: Extract<Step, { kind: 'regenerate' }>,
    signal: AbortSignal,
  ) => {
    const won = await claim(rotated, stored, step.fingerprintBefore, undefined, signal);
    if (!won || won.remainingMs() <= 0) return won?.claimed;
    const outcome = await withDeadline(clock, won.remainingMs(), 'authority-unavailable', (limit) =>
      rotated.authority.regenerate(step.slot, limit, () => won.remainingMs() > 0),
    ).catch(() => ({ kind: 'ambiguous' }) as const);
    if (outcome.kind === 'ambiguous') return won.claimed;
    const event: Event =
      outcome.kind === 'done' ? { kind: 'regenerated' } : { kind: 'given-up', reason: 'authority-refused' };
    return record(rotated, won.claimed, event, signal);
  };

  const publish = async (
    rotated: Rotated,
    stored: StoredRecord,
    { slot, fingerprint, safeUntil }: Extract<Step, { kind: 'publish' }>,
    keys: Look,
    signal: AbortSignal,
  ) => {
    const secret = keys.secrets.get(fingerprint);
    if (!secret) throw new BrokerError('unexpected');
    const won = await claim(rotated, stored, fingerprint, safeUntil, signal);
    if (!won || won.remainingMs() <= 0) return won?.claimed;
    const generation = stored.record.generation + 1;
    const read = await withDeadline(clock, won.remainingMs(), 'vault-unavailable', async (limit) => {
      await rotated.publisher.publish({ secret, generation, slot, fingerprint, safeUntil }, limit);
      return rotated.publisher.read(limit);
    });
    // A read may not show it yet; the next tick will.
    if (read.generation !== generation || fingerprintOf(read.secret) !== fingerprint) return won.claimed;
    return switchTo(rotated, won.claimed, { kind: 'switched', slot, fingerprint, generation, safeUntil }, keys, signal);
  };

  const switchTo = async (
    rotated: Rotated,
    stored: StoredRecord,
    step: Extract<Step, { kind: 'switched' }>,
    keys: Look,
    signal: AbortSignal,
  ) => {
    const switched = await record(rotated, stored, step, signal);
    if (switched) await keepAlternate(rotated, switched.record, keys, signal);
    return switched;
  };

  const promise = async (
    rotated: Rotated,
    stored: StoredRecord,
    safeUntil: number,
    keys: Look,
    signal: AbortSignal,
  ) => {
    const promised = await record(rotated, stored, { kind: 'promised', safeUntil }, signal);
    if (promised) await tag(rotated, promised.record, keys, signal);
    return promised;
  };

  const tag = async (
    { publisher }: Rotated,
    { active, generation, keys: facts }: RotationRecord,
    keys: Look,
    signal: AbortSignal,
  ) => {
    const { promisedUntil: safeUntil } = facts[active];
    const fingerprint = keys.seen.listed?.[active];
    if (keys.published && fingerprint) {
      await publisher.tag(keys.published.version, { generation, slot: active, fingerprint, safeUntil }, signal);
    }
  };

  const carryOut = async (rotated: Rotated, stored: StoredRecord, step: Step, keys: Look, signal: AbortSignal) => {
    switch (step.kind) {
      case 'wait':
        return stored;
      case 'fail':
        return record(rotated, stored, { kind: 'failed', reason: step.reason }, signal);
      case 'enter': {
        const { state, alert, startsCycle } = step;
        const terms = startsCycle ? rotated.policy.terms : undefined;
        return record(rotated, stored, { kind: 'entered', state, alert, terms }, signal);
      }
      case 'promise':
        return promise(rotated, stored, step.safeUntil, keys, signal);
      case 'tag':
        await tag(rotated, stored.record, keys, signal);
        return stored;
      case 'look':
        return record(rotated, stored, { kind: 'looked', fingerprint: step.fingerprint }, signal);
      case 'regenerate':
        return regenerate(rotated, stored, step, signal);
      case 'publish':
        return publish(rotated, stored, step, keys, signal);
      case 'switched':
        return switchTo(rotated, stored, step, keys, signal);
    }
  };

  const move = async (rotated: Rotated, stored: StoredRecord, signal: AbortSignal): Promise<StepReport> => {
    const { policy } = rotated;
    if (growsTerms(stored.record, policy)) {
      const grown = await record(rotated, stored, { kind: 'terms', terms: policy.terms }, signal);
      return toReport(rotated, grown ? 'terms' : 'lost', stored, grown);
    }
    const keys = await look(stored.record, { ...rotated, fingerprintOf }, policy, clock.wall(), signal);
    const step = decide(stored.record, keys.seen, policy, clock.wall());
    const after = await carryOut(rotated, stored, step, keys, signal);
    const report = toReport(rotated, after ? step.kind : 'lost', stored, after, alertOf(step));
    return step.kind === 'wait' ? { ...report, until: step.until } : report;
  };

  return {
    step: async (rotated, signal, restingAt) => {
      const stored = await records.read(rotated.subscription, signal);
      if (!stored) return startFirst(rotated, signal);
      if (stored.etag === restingAt) return toReport(rotated, 'rest', stored, stored);
      return move(rotated, stored, signal);
    },
    publish: async (rotated, signal) => {
      const stored = await records.read(rotated.subscription, signal);
      if (stored?.record.state.phase !== 'publishing') return toReport(rotated, 'rest', stored, stored);
      return move(rotated, stored, signal);
    },
  };
}

function growsTerms({ recentTerms }: RotationRecord, policy: RotationPolicy): boolean {
  const largest = largestTerms(recentTerms, policy.terms);
  return (Object.keys(largest) as (keyof typeof largest)[]).some((name) => largest[name] > recentTerms[name]);
}

function alertOf(step: Step): FailureReason | undefined {
  if (step.kind === 'fail') return step.reason;
  return step.kind === 'enter' || step.kind === 'switched' ? step.alert : undefined;
}

function toReport(
  { subscription }: Rotated,
  step: StepReport['step'],
  before: StoredRecord | undefined,
  after: StoredRecord | undefined,
  alert?: FailureReason,
): StepReport {
  const from = before ? nameOf(before.record.state) : 'none';
  const current = after ?? before;
  return {
    subscription,
    step,
    from,
    to: current ? nameOf(current.record.state) : 'none',
    generation: current?.record.generation ?? 0,
    alert,
    until: undefined,
    etag: current?.etag,
    record: current?.record,
  };
}
