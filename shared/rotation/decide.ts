import type { Fingerprint } from '../names.ts';
import { judge, type Observation } from './observation.ts';
import type { RotationPolicy } from './policy.ts';
import type { Intent, RotationRecord, State } from './record.ts';
import { otherSlot, type Slot } from './slot.ts';
import type { Step, WaitReason } from './step.ts';
import { publishNotBefore, regenerateNotBefore, takeOverNotBefore } from './terms.ts';

type Published = NonNullable<Observation['published']>;
type Listed = NonNullable<Observation['listed']>;
type In<Phase extends State['phase']> = Extract<State, { phase: Phase }>;
type Decision<S extends State> = (
  record: RotationRecord,
  state: S,
  seen: Observation,
  policy: RotationPolicy,
  now: number,
) => Step;

/**
 * Whether the keys, published and listed, must be looked at before deciding. An intent that is young is left to its owner.
 *
 * @param now wall clock, milliseconds; so everywhere below.
 */
export function needsKeys({ state, terms }: RotationRecord, policy: RotationPolicy, now: number): boolean {
  const intent = state.phase === 'regenerating' || state.phase === 'publishing' ? state.intent : undefined;
  return !intent || now >= takeOverNotBefore(terms, policy.requestTimeoutMs, intent.startedAt);
}

/** Which keys must be tried at the gateways before deciding, now that they have been looked at. */
export function keysToTry(record: RotationRecord, seen: Observation, now: number): readonly Fingerprint[] {
  const { published, listed } = seen;
  if (!published || !listed) return [];
  const { state, active } = record;
  if (state.phase === 'publishing') return [];
  if (published.fingerprint !== listed[active]) return [listed[active], published.fingerprint];
  // An older version of the key that should be published.
  if ((published.generation ?? record.generation) !== record.generation) return [listed[active]];
  if (state.phase === 'settling') {
    return now >= publishNotBefore(record.terms, state.regeneratedAt) ? [listed[state.slot]] : [];
  }
  if (state.phase === 'regenerating') return state.intent ? [] : [listed[active]];
  return state.phase === 'draining' ? [listed[active]] : [];
}

/** Whether Key Vault must be shown to be writable first: a key that cannot be published must not be regenerated. */
export function needsWritableVault({ state }: RotationRecord): boolean {
  return state.phase === 'regenerating' && !state.intent;
}

/** The one step that a record, and what was seen, allow now. Total: without what it needs to see it does nothing. */
export function decide(record: RotationRecord, seen: Observation, policy: RotationPolicy, now: number): Step {
  const step = decideState(record, seen, policy, now);
  return keepPromise(record, seen, step, policy, now) ?? step;
}

function decideState(record: RotationRecord, seen: Observation, policy: RotationPolicy, now: number): Step {
  const { state } = record;
  switch (state.phase) {
    case 'idle':
      return decideIdle(record, state, seen, policy, now);
    case 'regenerating':
      return decideRegenerating(record, state, seen, policy, now);
    case 'settling':
      return decideSettling(record, state, seen, policy, now);
    case 'publishing':
      return decidePublishing(record, state, seen, policy, now);
    case 'draining':
      return decideDraining(record, state, seen, policy, now);
  }
}

const decideIdle: Decision<In<'idle'>> = (record, _state, seen, policy, now) => {
  if (!seen.published || !seen.listed) return wait('not-seen');
  const kept = keepActive(record, seen, now);
  if (kept) return kept;
  if (record.paused && !record.compromised) return wait('paused');
  if (now < record.dueAt && !record.compromised) return wait('not-due', record.dueAt);
  const slot = otherSlot(record.active);
  if (!mayRegenerate(record, slot, now)) return wait('promised', notBefore(record, slot));
  if (!record.compromised && !policy.mayStart(now)) return wait('outside-window');
  return { ...enter({ phase: 'regenerating', slot, intent: undefined }), startsCycle: true };
};

const decideRegenerating: Decision<In<'regenerating'>> = (record, { slot, intent }, seen, policy, now) => {
  if (intent) return decideTakenOver(record, slot, intent, seen, policy, now);
  const kept = keepActive(record, seen, now);
  if (kept) return kept;
  if (!seen.listed) return wait('not-seen');
  if (record.paused && record.compromised !== slot) return wait('paused');
  if (!mayRegenerate(record, slot, now)) return wait('promised', notBefore(record, slot));
  const refusal = whyActiveIsNotSure(record, seen);
  if (refusal) return { kind: 'fail', reason: refusal };
  if (!seen.isVaultWritable) return { kind: 'fail', reason: 'vault-not-writable' };
  if (policy.isManual) return decideByHand(record, slot, seen.listed[slot], now);
  return { kind: 'regenerate', slot, fingerprintBefore: seen.listed[slot] };
};

/** The person's new key is the sign that the person has acted. */
function decideByHand(record: RotationRecord, slot: Slot, listed: Fingerprint, now: number): Step {
  const { fingerprint } = record.keys[slot];
  return listed === fingerprint ? wait('person') : enter(settlingFrom(slot, fingerprint, now));
}

/** Nobody knows whether the owner of an old intent has sent its request, or whether that will yet be carried out. */
const decideTakenOver = (
  record: RotationRecord,
  slot: Slot,
  intent: Intent,
  { listed }: Observation,
  policy: RotationPolicy,
  now: number,
): Step => {
  if (isLeftToItsOwner(record, intent, policy, now)) {
    return wait('somebody-acts', takeOverNotBefore(record.terms, policy.requestTimeoutMs, intent.startedAt));
  }
  if (!listed) return wait('not-seen');
  const { look, fingerprintBefore } = intent;
  if (!look || look.fingerprint !== listed[slot]) return { kind: 'look', fingerprint: listed[slot] };
  if (now < look.at + policy.quarantineMs) return wait('settling', look.at + policy.quarantineMs);
  if (listed[slot] !== fingerprintBefore) return enter(settlingFrom(slot, fingerprintBefore, now));
  return enter({ phase: 'regenerating', slot, intent: undefined });
};

const decideSettling: Decision<In<'settling'>> = (record, state, seen, policy, now) => {
  const kept = keepActive(record, seen, now);
  if (kept) return kept;
  const listed = seen.listed?.[state.slot];
  if (listed === undefined) return wait('not-seen');
  if (listed === state.fingerprintBefore) return decideNotSeenYet(state, policy, now);
  // Listed for the first time, or regenerated again: only now is it known to be there.
  if (listed !== state.fingerprint) return enter({ ...state, fingerprint: listed, regeneratedAt: now, accepts: 0 });
  if (now < publishNotBefore(record.terms, state.regeneratedAt)) {
    return wait('settling', publishNotBefore(record.terms, state.regeneratedAt));
  }
  return decideAccepted(state, listed, seen, policy);
};

/** The authority has said that the key is regenerated, and lists the old one. */
function decideNotSeenYet(state: In<'settling'>, policy: RotationPolicy, now: number): Step {
  if (now < state.regeneratedAt + policy.quarantineMs || policy.isManual) return wait('not-seen');
  return enter({ phase: 'regenerating', slot: state.slot, intent: undefined }, 'regenerate-not-seen');
}

function decideAccepted(
  state: In<'settling'>,
  fingerprint: Fingerprint,
  seen: Observation,
  policy: RotationPolicy,
): Step {
  const verdict = judge(seen.verdicts?.get(fingerprint));
  if (verdict !== 'accepted') {
    if (state.accepts > 0) return enter({ ...state, accepts: 0 });
    if (verdict === 'unknown') return { kind: 'fail', reason: 'gateway-unknown' };
    return { kind: 'fail', reason: verdict === 'forbidden' ? 'gateway-forbids' : 'new-key-refused' };
  }
  const accepts = state.accepts + 1;
  if (accepts < policy.acceptsNeeded) return enter({ ...state, accepts });
  return enter({ phase: 'publishing', slot: state.slot, fingerprint, intent: undefined });
}

const decidePublishing: Decision<In<'publishing'>> = (record, { slot, fingerprint, intent }, seen, policy, now) => {
  if (intent && isLeftToItsOwner(record, intent, policy, now)) {
    return wait('somebody-acts', takeOverNotBefore(record.terms, policy.requestTimeoutMs, intent.startedAt));
  }
  if (!seen.published || !seen.listed) return wait('not-seen');
  const generation = record.generation + 1;
  // Published by whoever crashed before it could say so.
  if (seen.published.fingerprint === fingerprint && seen.published.generation === generation) {
    return { kind: 'switched', slot, fingerprint, generation, safeUntil: seen.published.safeUntil };
  }
  if (seen.listed[slot] !== fingerprint) {
    // The active key is not settled anew: whatever is published is looked at again from where it drains.
    return enter(
      slot === record.active ? { phase: 'draining', slot: otherSlot(slot) } : settlingFrom(slot, fingerprint, now),
    );
  }
  return { kind: 'publish', slot, fingerprint, safeUntil: now + record.terms.promiseMs };
};

const decideDraining: Decision<In<'draining'>> = (record, { slot }, seen, _policy, now) => {
  const kept = keepActive(record, seen, now);
  if (kept) return kept;
  if (!seen.listed) return wait('not-seen');
  const verdict = judge(seen.verdicts?.get(seen.listed[record.active]));
  if (verdict === 'refused') return { kind: 'fail', reason: 'active-key-refused' };
  if (verdict === 'forbidden') return { kind: 'fail', reason: 'gateway-forbids' };
  if (!mayRegenerate(record, slot, now)) return wait('promised', notBefore(record, slot));
  if (slot === 'secondary' && record.compromised !== 'secondary') return enter({ phase: 'idle' });
  if (record.paused && record.compromised !== slot) return wait('paused');
  // From there on there is no way back.
  if (verdict === 'unknown') return { kind: 'fail', reason: 'gateway-unknown' };
  return enter({ phase: 'regenerating', slot, intent: undefined });
};

/**
 * What the key in use needs before anything else: that it is the one that its authority lists, and that it is not compromised. `undefined`
 * when all is well with it, or when that could not be seen.
 */
function keepActive(record: RotationRecord, seen: Observation, now: number): Step | undefined {
  const { published, listed } = seen;
  if (!published || !listed) return undefined;
  if (!isAsRecorded(record, published, listed)) {
    const { switchedOn, terms } = record;
    // A read may be as old as V: just after a switch it may show what was published before.
    if (now < switchedOn + terms.visibilityMs + 2 * terms.skewMs) return wait('not-seen');
    return decideChangedOutside(record, published, listed, seen);
  }
  return leaveCompromised(record, listed, now);
}

function isAsRecorded({ active, generation }: RotationRecord, published: Published, listed: Listed): boolean {
  return published.fingerprint === listed[active] && (published.generation ?? generation) === generation;
}

/** The other slot's key is good until it is regenerated: nobody waits for a new one, but where that has not settled yet. */
function leaveCompromised(record: RotationRecord, listed: Listed, now: number) {
  const { compromised, active, state, unsettled, keys } = record;
  if (compromised !== active || state.phase === 'settling') return undefined;
  const slot = otherSlot(active);
  // Not the key before it, which nobody knows any more, but one that it cannot be.
  if (unsettled === slot) return enter(settlingFrom(slot, keys[active].fingerprint, now));
  return enter({ phase: 'publishing', slot, fingerprint: listed[slot], intent: undefined });
}

/** How much of a promise must be left: less of it where something else is to be done, so that even a short one never keeps a cycle waiting. */
const [leastWhileWaiting, leastWhileBusy] = [0.75, 0.5];

/** The active key's promise comes before `step` when too little of it is left. A key that is about to retire, or is compromised, gets none. */
function keepPromise(
  record: RotationRecord,
  { published, listed }: Observation,
  step: Step,
  { terms: { promiseMs } }: RotationPolicy,
  now: number,
): Step | undefined {
  const { state, active, compromised } = record;
  if (!published || !listed || !isAsRecorded(record, published, listed)) return undefined;
  if (state.phase === 'publishing' || compromised === active) return undefined;
  const { promisedUntil } = record.keys[active];
  const isWaiting = step.kind === 'wait' || step.kind === 'fail';
  if (promisedUntil - now < promiseMs * (isWaiting ? leastWhileWaiting : leastWhileBusy)) {
    return { kind: 'promise', safeUntil: now + promiseMs };
  }
  const isTagged = published.safeUntil !== undefined && published.safeUntil >= promisedUntil;
  return isWaiting && !isTagged ? { kind: 'tag', safeUntil: promisedUntil } : undefined;
}

/** Somebody has regenerated, restored or published a key behind our back, or a write of ours has come late. */
function decideChangedOutside(record: RotationRecord, published: Published, listed: Listed, seen: Observation): Step {
  const { active, generation } = record;
  const inactive = otherSlot(active);
  const isOlder = published.generation !== undefined && published.generation < generation;
  if (published.fingerprint === listed[inactive] && !isOlder) {
    return { ...switched(inactive, published, generation), alert: 'key-changed-outside' };
  }
  // A publish whose answer was lost, and whose intent is gone.
  if (published.fingerprint === listed[active] && !isOlder) return switched(active, published, generation);
  // A list may be stale: the gateways decide. One that still accepts the published key has not heard of the change yet.
  const isAccepted = judge(seen.verdicts?.get(listed[active])) === 'accepted';
  const isPublishedRefused = judge(seen.verdicts?.get(published.fingerprint)) === 'refused';
  if (!isAccepted && !isPublishedRefused) return { kind: 'fail', reason: 'key-changed-outside' };
  const state: State = { phase: 'publishing', slot: active, fingerprint: listed[active], intent: undefined };
  return enter(state, 'key-changed-outside');
}

function switched(slot: Slot, published: Published, generation: number): Extract<Step, { kind: 'switched' }> {
  const { fingerprint, safeUntil } = published;
  return {
    kind: 'switched',
    slot,
    fingerprint,
    generation: Math.max(generation, published.generation ?? 0),
    safeUntil,
  };
}

function whyActiveIsNotSure({ active }: RotationRecord, { published, listed, verdicts }: Observation) {
  if (!published || !listed) return 'vault-unreadable';
  const verdict = judge(verdicts?.get(listed[active]));
  if (verdict === 'refused') return 'active-key-refused';
  if (verdict === 'forbidden') return 'gateway-forbids';
  return verdict === 'unknown' ? 'gateway-unknown' : undefined;
}

function mayRegenerate(record: RotationRecord, slot: Slot, now: number): boolean {
  return record.compromised === slot || now >= notBefore(record, slot);
}

function notBefore({ terms, keys, switchedOn }: RotationRecord, slot: Slot): number {
  return regenerateNotBefore(terms, keys[slot].promisedUntil, switchedOn);
}

function isLeftToItsOwner({ terms }: RotationRecord, intent: Intent, policy: RotationPolicy, now: number): boolean {
  return now < takeOverNotBefore(terms, policy.requestTimeoutMs, intent.startedAt);
}

function settlingFrom(slot: Slot, fingerprintBefore: Fingerprint, now: number): State {
  return { phase: 'settling', slot, fingerprintBefore, regeneratedAt: now, fingerprint: undefined, accepts: 0 };
}

function wait(because: WaitReason, until?: number): Step {
  return { kind: 'wait', until, because };
}

function enter(state: State, alert?: Extract<Step, { kind: 'enter' }>['alert']): Step {
  return { kind: 'enter', state, ...(alert === undefined ? {} : { alert }) };
}
