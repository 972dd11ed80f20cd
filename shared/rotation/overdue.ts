import { drained, isHeld, nextOpening, tickMs } from './plan.ts';
import type { RotationPolicy } from './policy.ts';
import type { RotationRecord } from './record.ts';
import { otherSlot, type Slot } from './slot.ts';
import { publishNotBefore, takeOverNotBefore } from './terms.ts';

/** How much later than it could have happened. A tick is missed now and then, and a gateway may take some minutes longer. */
const graceMs = 900_000;
/** Every tick keeps at least half of the active key's promise. */
const leastPromise = 0.5;

/**
 * Whether a cycle should have started, or the present state ended, a quarter of an hour ago; or the active key's promise was not kept up, as when
 * the timer no longer fires. What waits because somebody has paused it, or for a person, is not overdue.
 *
 * @param now wall clock, milliseconds.
 */
export function isOverdue(record: RotationRecord, policy: RotationPolicy, now: number): boolean {
  if (isPromiseNeglected(record, now)) return true;
  if (isHeld(record) || (policy.isManual && record.state.phase === 'regenerating')) return false;
  const end = endOf(record, policy);
  return (end !== undefined && now > end + graceMs) || isFailing(record, now);
}

function isPromiseNeglected({ state, keys, active, compromised, terms: { promiseMs } }: RotationRecord, now: number) {
  const { promisedUntil } = keys[active];
  // Before its first promise; about to retire; compromised: then it gets none.
  if (promisedUntil === 0 || state.phase === 'publishing' || compromised === active) return false;
  return promisedUntil - now < leastPromise * promiseMs - graceMs;
}

/** By when the state would have ended, had all gone well; `undefined` where that cannot be told from the record. */
function endOf(record: RotationRecord, policy: RotationPolicy): number | undefined {
  const { state, terms } = record;
  switch (state.phase) {
    case 'idle':
      return startOf(record, policy, otherSlot(record.active));
    case 'regenerating':
      if (state.intent)
        return takeOverNotBefore(terms, policy.requestTimeoutMs, state.intent.startedAt) + policy.quarantineMs;
      return state.slot === record.cycleFrom ? startOf(record, policy, state.slot) : leftOn(record, state.slot);
    case 'settling':
      return publishNotBefore(terms, state.regeneratedAt) + policy.acceptsNeeded * tickMs;
    case 'publishing':
      return state.intent && takeOverNotBefore(terms, policy.requestTimeoutMs, state.intent.startedAt);
    case 'draining':
      return leftOn(record, state.slot);
  }
}

/** When a retiring key could have been regenerated. A compromised one is not drained. */
function leftOn(record: RotationRecord, slot: Slot): number {
  return record.compromised === slot ? record.switchedOn : drained(record, slot);
}

/** When the cycle could have started; `undefined` where no window opens, or the configuration starts none. */
function startOf(record: RotationRecord, policy: RotationPolicy, slot: Slot): number | undefined {
  return nextOpening(policy, Math.max(record.dueAt, drained(record, slot)));
}

/** At every tick for a quarter of an hour, and still. A failure that is over stands in the record until the state ends. */
function isFailing({ lastFailure }: RotationRecord, now: number): boolean {
  return lastFailure !== undefined && lastFailure.times * tickMs > graceMs && now - lastFailure.at < graceMs;
}
