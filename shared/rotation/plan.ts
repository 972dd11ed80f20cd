import { lastMoment } from '../moment.ts';
import type { RotationPolicy } from './policy.ts';
import { nameOf, type KeyFacts, type RotationRecord, type State } from './record.ts';
import { otherSlot, type Slot } from './slot.ts';
import { publishNotBefore, regenerateNotBefore } from './terms.ts';

/** One state of a cycle, and the moment before which it is not entered. Wall clock, milliseconds. */
export type PlannedState = { readonly state: string; readonly notBefore: number };

/** How often the timer fires. */
export const tickMs = 60_000;
/** For how many ticks in a row a cycle has something else to do than to keep its promises. */
const busyTicks = 5;
/** How far ahead an open maintenance window is looked for. */
const [windowStepMs, windowHorizonMs] = [15 * 60_000, 14 * 86_400_000];

type Outlook = { record: RotationRecord; at: number };

/**
 * What would happen from here to the end of the cycle, were everything to go well: a dry run that writes nothing. A pause ends it where it holds.
 *
 * @param now wall clock, milliseconds.
 */
export function plan(record: RotationRecord, policy: RotationPolicy, now: number): readonly PlannedState[] {
  const planned: PlannedState[] = [{ state: nameOf(record.state), notBefore: now }];
  let outlook: Outlook = { record, at: now };
  do {
    if (isHeld(outlook.record)) break;
    outlook = goOn(outlook, policy);
    planned.push({ state: nameOf(outlook.record.state), notBefore: outlook.at });
  } while (outlook.record.state.phase !== 'idle');
  return planned;
}

/** Whether a pause keeps a record from going on: before a key is regenerated, unless that or the active one is compromised. */
export function isHeld({ paused, compromised, active, state }: RotationRecord): boolean {
  if (!paused || compromised === active) return false;
  switch (state.phase) {
    case 'idle':
      return !compromised;
    case 'regenerating':
      return !state.intent && compromised !== state.slot;
    case 'draining':
      return state.slot === 'primary' && compromised !== 'primary';
    case 'settling':
    case 'publishing':
      return false;
  }
}

function goOn({ record, at }: Outlook, policy: RotationPolicy): Outlook {
  const { state, terms } = record;
  const next = (entered: State, notBefore: number, changes: Partial<RotationRecord> = {}): Outlook => ({
    record: { ...record, ...changes, state: entered },
    at: Math.max(at, notBefore),
  });
  const left = leaveCompromised(record);
  if (left) return next(left, at);
  switch (state.phase) {
    case 'idle': {
      const slot = otherSlot(record.active);
      const earliest = Math.max(at, record.dueAt, drained(record, slot));
      const start = record.compromised ? at : (nextOpening(policy, earliest) ?? earliest + windowHorizonMs);
      return next({ phase: 'regenerating', slot, intent: undefined }, start);
    }
    case 'regenerating':
      return next(settling(state.slot, record.keys), at + tickMs);
    case 'settling': {
      const { fingerprint } = record.keys[state.slot];
      const probed = publishNotBefore(terms, state.regeneratedAt || at) + policy.acceptsNeeded * tickMs;
      const compromised = record.compromised === state.slot ? undefined : record.compromised;
      const settled = { unsettled: undefined, compromised };
      return next({ phase: 'publishing', slot: state.slot, fingerprint, intent: undefined }, probed, settled);
    }
    case 'publishing': {
      const switchedOn = at + tickMs;
      const keys = { ...record.keys, [record.active]: kept(record, at) };
      const changes = { active: state.slot, switchedOn, keys };
      return next({ phase: 'draining', slot: otherSlot(state.slot) }, switchedOn, changes);
    }
    case 'draining': {
      const { slot } = state;
      const end = drained(record, slot);
      return slot === 'primary' || record.compromised === slot
        ? next({ phase: 'regenerating', slot, intent: undefined }, end)
        : next({ phase: 'idle' }, end);
    }
  }
}

/** Until it retires, the active key's promise is extended, so that hardly less than three quarters are left. */
function kept({ keys, active, terms: { promiseMs } }: RotationRecord, at: number): KeyFacts {
  const least = Math.max(0.5 * promiseMs, 0.75 * promiseMs - busyTicks * tickMs);
  return { ...keys[active], promisedUntil: Math.max(keys[active].promisedUntil, at + least) };
}

function settling(slot: Slot, keys: RotationRecord['keys']): State {
  const { fingerprint } = keys[slot];
  return {
    phase: 'settling',
    slot,
    fingerprintBefore: fingerprint,
    regeneratedAt: 0,
    fingerprint: undefined,
    accepts: 0,
  };
}

/** The other slot's key takes over at once, or when it has settled. */
function leaveCompromised({ active, compromised, state, unsettled, keys }: RotationRecord): State | undefined {
  const isUnderWay = state.phase === 'settling' || state.phase === 'publishing';
  if (compromised !== active || isUnderWay || (state.phase === 'regenerating' && state.intent)) return undefined;
  const slot = otherSlot(active);
  if (unsettled === slot) return settling(slot, keys);
  return { phase: 'publishing', slot, fingerprint: keys[slot].fingerprint, intent: undefined };
}

/** When nothing that carries a slot's key can be in use any more. A compromised one is not waited for. */
export function drained({ terms, keys, switchedOn, compromised }: RotationRecord, slot: Slot): number {
  if (compromised === slot) return 0;
  return regenerateNotBefore(terms, keys[slot].promisedUntil, switchedOn);
}

/** When a cycle may next start; `undefined` when no window opens in two weeks, or the configuration starts none. */
export function nextOpening({ mayStart }: RotationPolicy, from: number): number | undefined {
  const end = Math.min(from + windowHorizonMs, lastMoment);
  for (let at = from; at < end; at += windowStepMs) {
    if (mayStart(at)) return at;
  }
  return undefined;
}
