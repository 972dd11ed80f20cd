import type { Fingerprint } from '../names.ts';
import type { RotationRecord, State } from './record.ts';
import { otherSlot } from './slot.ts';

/** What an operator may ask of one subscription's rotation. */
export type Command =
  /** A cycle is due now; maintenance windows still hold. */
  | { readonly kind: 'start' }
  /** No key is regenerated until `resume`. What has been regenerated is still settled and published. */
  | { readonly kind: 'pause' }
  | { readonly kind: 'resume' }
  /** The retiring key is published again. Possible while it drains, because it has not been regenerated yet. */
  | { readonly kind: 'rollback' }
  /**
   * The active key is compromised: the other slot's is published at once, and the active slot regenerated without waiting for its drain. Header
   * sets that were handed out with the compromised key fail before their expiry; new ones are good. `confirm` repeats the subscription's name.
   */
  | { readonly kind: 'emergency'; readonly confirm: string };

/** Why a command is not carried out. */
export type Refusal = 'cycle-under-way' | 'already-so' | 'not-draining' | 'not-settled' | 'not-confirmed';

export type Steered = { readonly record: RotationRecord } | { readonly refusal: Refusal };

/** What a command makes of a record. Pure; the next tick acts on it. @param now wall clock, milliseconds. */
export function steer(record: RotationRecord, command: Command, now: number): Steered {
  switch (command.kind) {
    case 'start':
      return record.state.phase === 'idle' ? { record: { ...record, dueAt: now } } : { refusal: 'cycle-under-way' };
    case 'pause':
      return record.paused ? { refusal: 'already-so' } : { record: { ...record, paused: true } };
    case 'resume':
      return record.paused ? { record: { ...record, paused: false } } : { refusal: 'already-so' };
    case 'rollback':
      return rollBack(record);
    case 'emergency':
      if (command.confirm !== record.subscription) return { refusal: 'not-confirmed' };
      return record.compromised ? { refusal: 'already-so' } : { record: { ...record, compromised: record.active } };
  }
}

function rollBack(record: RotationRecord): Steered {
  const { state, keys, compromised, unsettled } = record;
  if (state.phase !== 'draining' || compromised === state.slot) return { refusal: 'not-draining' };
  if (unsettled === state.slot) return { refusal: 'not-settled' };
  const { fingerprint } = keys[state.slot];
  const back: State = { phase: 'publishing', slot: state.slot, fingerprint, intent: undefined };
  return { record: { ...record, state: back } };
}

/**
 * The other slot takes over from an active key that gateways refuse, as `rollback` has it take over: its key is one that has settled, and has not
 * been regenerated since. The slot that is left is unsettled from then on: nothing but its next settling publishes it again, so that two keys, each
 * of which is refused somewhere, do not take over from each other for ever.
 *
 * @param refused the published key.
 * @param alternate the other slot's key, as it is now.
 * @returns `undefined` where the published key is not the one that the record says, or the other slot's key cannot take over.
 */
export function fallBack(
  record: RotationRecord,
  refused: Fingerprint,
  alternate: Fingerprint,
): RotationRecord | undefined {
  const { active, keys, compromised, unsettled, cycleFrom } = record;
  const slot = otherSlot(active);
  if (!isAtRest(record.state) || compromised === slot || unsettled === slot) return undefined;
  if (keys[active].fingerprint !== refused || keys[slot].fingerprint !== alternate) return undefined;
  const state: State = { phase: 'publishing', slot, fingerprint: alternate, intent: undefined };
  // A cycle that goes on from there regenerates the primary. Where it is the secondary that was left, another is due at once.
  return { ...record, state, unsettled: active, cycleFrom: active === 'secondary' ? 'primary' : cycleFrom };
}

/** Neither slot's key is being regenerated, settled or published. */
function isAtRest(state: State): boolean {
  if (state.phase === 'regenerating') return !state.intent;
  return state.phase === 'idle' || state.phase === 'draining';
}
