import type { Fingerprint } from '../names.ts';
import type { Failure, FailureReason, Intent, KeyFacts, RotationRecord, State } from './record.ts';
import { otherSlot, type Slot } from './slot.ts';
import type { Step } from './step.ts';
import { largestTerms, type Terms } from './terms.ts';

/** What has happened, and is to stand in the record. */
export type Event =
  | {
      readonly kind: 'entered';
      readonly state: State;
      readonly alert: FailureReason | undefined;
      /** Given when a cycle starts: those of now. What was promised before the cycle that has ended has been waited out. */
      readonly terms: Terms | undefined;
    }
  | { readonly kind: 'promised'; readonly safeUntil: number }
  | { readonly kind: 'claimed'; readonly intent: Intent; readonly safeUntil: number | undefined }
  | { readonly kind: 'looked'; readonly fingerprint: Fingerprint }
  | { readonly kind: 'regenerated' }
  /** An effect certainly did not happen: whoever comes next may try it. */
  | { readonly kind: 'given-up'; readonly reason: FailureReason }
  | Extract<Step, { kind: 'switched' }>
  | { readonly kind: 'failed'; readonly reason: FailureReason }
  | { readonly kind: 'terms'; readonly terms: Terms };

/**
 * The record after an event. Total: an event that does not fit the record's state changes nothing.
 *
 * @param now wall clock, milliseconds.
 * @param everyMs how often a cycle starts.
 */
export function apply(record: RotationRecord, event: Event, now: number, everyMs: number): RotationRecord {
  const { state } = record;
  switch (event.kind) {
    case 'entered':
      return note(startCycle(enter(record, event.state, now, everyMs), event.terms), event.alert, now);
    case 'promised':
      return promise(record, record.active, event.safeUntil);
    case 'claimed':
      return claim(record, event.intent, event.safeUntil);
    case 'looked':
      return state.phase === 'regenerating' && state.intent
        ? {
            ...record,
            state: { ...state, intent: { ...state.intent, look: { at: now, fingerprint: event.fingerprint } } },
          }
        : record;
    case 'regenerated':
      return regenerated(record, now);
    case 'given-up':
      return note(withoutIntent(record), event.reason, now);
    case 'switched':
      return switchTo(record, event, now);
    case 'failed':
      return note(record, event.reason, now);
    case 'terms':
      return {
        ...record,
        terms: largestTerms(record.terms, event.terms),
        recentTerms: largestTerms(record.recentTerms, event.terms),
      };
  }
}

function enter(record: RotationRecord, state: State, now: number, everyMs: number): RotationRecord {
  const entered: RotationRecord = { ...record, state, unsettled: unsettledIn(record, state), lastFailure: undefined };
  if (state.phase === 'settling' && state.fingerprint !== undefined)
    return meetNewKey(entered, state.slot, state.fingerprint);
  if (state.phase === 'idle' && record.cycleFrom !== undefined) return endCycle(entered, now, everyMs);
  return entered;
}

/** Whatever way a slot comes to settle, it is unsettled until its settling publishes it. */
function unsettledIn({ unsettled, state: from }: RotationRecord, state: State): Slot | undefined {
  if (state.phase === 'settling') return state.slot;
  const isSettled = from.phase === 'settling' && state.phase === 'publishing' && state.slot === from.slot;
  return isSettled ? undefined : unsettled;
}

function startCycle(record: RotationRecord, terms: Terms | undefined): RotationRecord {
  if (!terms || record.state.phase !== 'regenerating') return record;
  const { recentTerms, state } = record;
  return { ...record, terms: largestTerms(recentTerms, terms), recentTerms: terms, cycleFrom: state.slot };
}

/** A cycle that began with the primary has not touched the secondary: another is due at once. */
function endCycle(record: RotationRecord, now: number, everyMs: number): RotationRecord {
  return { ...record, cycleFrom: undefined, dueAt: record.cycleFrom === 'secondary' ? now + everyMs : now };
}

/** A key that is new is not the one that was compromised. */
function meetNewKey(record: RotationRecord, slot: Slot, fingerprint: Fingerprint): RotationRecord {
  if (record.keys[slot].fingerprint === fingerprint) return record;
  const compromised = record.compromised === slot ? undefined : record.compromised;
  // What was promised may have been promised for this very key, where lists were stale.
  return { ...withFacts(record, slot, { ...record.keys[slot], fingerprint }), compromised };
}

function claim(record: RotationRecord, intent: Intent, safeUntil: number | undefined): RotationRecord {
  const { state } = record;
  if (state.phase !== 'regenerating' && state.phase !== 'publishing') return record;
  const claimed = { ...record, state: { ...state, intent } };
  // Record first: what a reader will see in the tags is never more than this.
  return safeUntil === undefined ? claimed : promise(claimed, state.slot, safeUntil);
}

function regenerated(record: RotationRecord, now: number): RotationRecord {
  const { state } = record;
  if (state.phase !== 'regenerating' || !state.intent) return record;
  const { slot, intent } = state;
  const { fingerprintBefore } = intent;
  const settling: State = {
    phase: 'settling',
    slot,
    fingerprintBefore,
    regeneratedAt: now,
    fingerprint: undefined,
    accepts: 0,
  };
  return { ...record, state: settling, unsettled: slot, lastFailure: undefined };
}

function withoutIntent(record: RotationRecord): RotationRecord {
  const { state } = record;
  if (state.phase !== 'regenerating' && state.phase !== 'publishing') return record;
  return { ...record, state: { ...state, intent: undefined } };
}

function switchTo(
  record: RotationRecord,
  { slot, fingerprint, generation, safeUntil }: Extract<Event, { kind: 'switched' }>,
  now: number,
): RotationRecord {
  const before = record.keys[slot];
  const facts = { fingerprint, promisedUntil: Math.max(before.promisedUntil, safeUntil ?? 0) };
  const isNewKey = before.fingerprint !== fingerprint;
  return {
    ...withFacts(record, slot, facts),
    compromised: isNewKey && record.compromised === slot ? undefined : record.compromised,
    active: slot,
    generation: Math.max(record.generation, generation),
    switchedOn: now,
    state: { phase: 'draining', slot: otherSlot(slot) },
    lastFailure: undefined,
  };
}

/** Promises are only ever added to: a shorter one does not take back a longer. */
function promise(record: RotationRecord, slot: Slot, safeUntil: number): RotationRecord {
  const { fingerprint, promisedUntil } = record.keys[slot];
  return withFacts(record, slot, { fingerprint, promisedUntil: Math.max(promisedUntil, safeUntil) });
}

function withFacts(record: RotationRecord, slot: Slot, facts: KeyFacts): RotationRecord {
  return { ...record, keys: { ...record.keys, [slot]: facts } };
}

function note(record: RotationRecord, reason: FailureReason | undefined, now: number): RotationRecord {
  if (reason === undefined) return record;
  const before = record.lastFailure;
  const lastFailure: Failure = { at: now, reason, times: before?.reason === reason ? before.times + 1 : 1 };
  return { ...record, lastFailure };
}
