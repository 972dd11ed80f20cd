import type { Fingerprint, SubscriptionName } from '../names.ts';
import type { Slot } from './slot.ts';
import type { Terms } from './terms.ts';

/**
 * What is known of one subscription's rotation: one entity in Table Storage, written only with `If-Match`. It holds fingerprints, never a key.
 * Times are wall-clock milliseconds since the epoch.
 */
export type RotationRecord = {
  readonly schemaVersion: 1;
  readonly subscription: SubscriptionName;
  /** Counts publishes; never goes back. */
  readonly generation: number;
  /** The slot whose key is published. */
  readonly active: Slot;
  /** When the active slot's key was seen to be the published one. */
  readonly switchedOn: number;
  readonly keys: Readonly<Record<Slot, KeyFacts>>;
  /** The largest that this cycle and the one before it have seen: header sets and promises of both may still live. */
  readonly terms: Terms;
  /** The largest that this cycle has seen. */
  readonly recentTerms: Terms;
  readonly state: State;
  readonly paused: boolean;
  /** When the next cycle may start. */
  readonly dueAt: number;
  /** The slot that the cycle under way began with; absent between cycles. */
  readonly cycleFrom: Slot | undefined;
  /** A slot whose key is compromised: it is regenerated without waiting for the drain. */
  readonly compromised: Slot | undefined;
  /** A slot whose key was regenerated, or left because gateways refused it, and has not settled since: it is published by nothing but its settling. */
  readonly unsettled: Slot | undefined;
  readonly lastFailure: Failure | undefined;
};

export type KeyFacts = {
  /** As it was last listed. */
  readonly fingerprint: Fingerprint;
  /** Every promise made for this key: it is not regenerated before. 0 for none. */
  readonly promisedUntil: number;
};

export type Failure = { readonly at: number; readonly reason: FailureReason; readonly times: number };

/** Why a step was not taken, or did not succeed. */
export type FailureReason =
  | 'authority-refused'
  | 'authority-unavailable'
  | 'key-changed-outside'
  | 'active-key-refused'
  | 'new-key-refused'
  | 'gateway-unknown'
  | 'gateway-forbids'
  | 'vault-not-writable'
  | 'vault-unreadable'
  | 'regenerate-not-seen'
  | 'publish-not-seen';

/** Where a rotation stands. `slot` is the one that the state is about. */
export type State =
  | { readonly phase: 'idle' }
  | { readonly phase: 'regenerating'; readonly slot: Slot; readonly intent: Intent | undefined }
  | {
      readonly phase: 'settling';
      readonly slot: Slot;
      /** What the slot's key was before it was regenerated. */
      readonly fingerprintBefore: Fingerprint;
      /** When the new key was first listed; before that, when it was asked for. */
      readonly regeneratedAt: number;
      /** The new key, once it was listed. */
      readonly fingerprint: Fingerprint | undefined;
      /** How often in a row every gateway has accepted it. */
      readonly accepts: number;
    }
  | {
      readonly phase: 'publishing';
      readonly slot: Slot;
      readonly fingerprint: Fingerprint;
      readonly intent: Intent | undefined;
    }
  | { readonly phase: 'draining'; readonly slot: Slot };

export type Phase = State['phase'];

/** Who is about to act, written before the effect: an intent is the lease. */
export type Intent = {
  readonly operationId: string;
  readonly runner: string;
  readonly startedAt: number;
  /** The key in the slot before a regenerate. */
  readonly fingerprintBefore: Fingerprint;
  /** For an intent that was taken over: what was listed then, and when. Two such looks, a quarantine apart, must agree. */
  readonly look: { readonly at: number; readonly fingerprint: Fingerprint } | undefined;
};

/** `idle`, or the phase and its slot: `settling-secondary`. */
export function nameOf(state: State): string {
  return state.phase === 'idle' ? 'idle' : `${state.phase}-${state.slot}`;
}
