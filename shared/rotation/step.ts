import type { Fingerprint } from '../names.ts';
import type { FailureReason, State } from './record.ts';
import type { Slot } from './slot.ts';

/** What to do next. Each step is at most one effect outside the record. */
export type Step =
  /** Nothing, until a moment or an event. */
  | { readonly kind: 'wait'; readonly until: number | undefined; readonly because: WaitReason }
  /** Nothing, and somebody should know. */
  | { readonly kind: 'fail'; readonly reason: FailureReason }
  /** Goes on to a state. The effect is the record itself. */
  | { readonly kind: 'enter'; readonly state: State; readonly alert?: FailureReason; readonly startsCycle?: true }
  /** Promises the active key until a moment: the record first, then its tags. */
  | { readonly kind: 'promise'; readonly safeUntil: number }
  /** Writes tags that say less than the record. */
  | { readonly kind: 'tag'; readonly safeUntil: number }
  /** Writes the intent, and then asks for a new key in a slot. */
  | { readonly kind: 'regenerate'; readonly slot: Slot; readonly fingerprintBefore: Fingerprint }
  /** Notes what is listed under an intent that was taken over. */
  | { readonly kind: 'look'; readonly fingerprint: Fingerprint }
  /** Writes the intent, and then publishes the key of a slot. */
  | { readonly kind: 'publish'; readonly slot: Slot; readonly fingerprint: Fingerprint; readonly safeUntil: number }
  /** Notes that a key is the published one, whoever published it: from now on the other slot drains. */
  | {
      readonly kind: 'switched';
      readonly slot: Slot;
      readonly fingerprint: Fingerprint;
      readonly generation: number;
      readonly safeUntil: number | undefined;
      readonly alert?: FailureReason;
    };

export type WaitReason =
  'not-due' | 'paused' | 'outside-window' | 'promised' | 'somebody-acts' | 'settling' | 'person' | 'not-seen';
