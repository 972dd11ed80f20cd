import { otherSlot, slots, type Slot } from '../../../shared/rotation/slot.ts';

/** Who changed a key: the rotator, the rotator for a key that was said to be compromised, or somebody else. */
type Cause = 'start' | 'rotation' | 'emergency' | 'outside';

/** A key in a slot, from a moment on. */
export type Change = { readonly at: number; readonly slot: Slot; readonly key: string; readonly cause: Cause };

/** The keys of one subscription, where API Management keeps them. */
export type ControlPlane = {
  readonly changes: readonly Change[];
  /** What is, or was, in a slot. */
  keyIn(slot: Slot, at?: number): string;
  slotOf(key: string): Slot | undefined;
  /** Puts a key into a slot, a new one unless given. */
  change(slot: Slot, cause: Cause, key?: string): void;
  /** From now on the end of this key is nobody's fault. */
  compromise(key: string): void;
  /** Who put an end to a key that was there, if anyone has by a moment. */
  endOf(key: string, by: number): Change | undefined;
};

type Dependencies = { now: () => number; mintKey: () => string; onChange: (change: Change) => void };

export function createControlPlane({ now, mintKey, onChange }: Dependencies): ControlPlane {
  const compromised = new Set<string>();
  const changes: Change[] = [];

  const add = (change: Change) => {
    changes.push(change);
    onChange(change);
  };
  const keyIn = (slot: Slot, at = now()) => {
    const change = changes.findLast((made) => made.slot === slot && made.at <= at) ?? first(slot);
    return change.key;
  };
  const first = (slot: Slot) => {
    const change = changes.find((made) => made.slot === slot);
    if (!change) throw new RangeError('A slot has a key from the start.');
    return change;
  };
  for (const slot of slots) add({ at: now(), slot, key: mintKey(), cause: 'start' });

  return {
    changes,
    keyIn,
    slotOf: (key) => slots.find((slot) => keyIn(slot) === key),
    change: (slot, cause, key = mintKey()) => {
      const isCompromised = cause === 'rotation' && compromised.has(keyIn(slot));
      if (keyIn(slot) !== key && keyIn(otherSlot(slot)) !== key) {
        add({ at: now(), slot, key, cause: isCompromised ? 'emergency' : cause });
      }
    },
    compromise: (key) => void compromised.add(key),
    endOf: (key, by) => {
      const begun = changes.findLastIndex((made) => made.key === key && made.at <= by);
      const { slot } = changes[begun] ?? {};
      return changes.find((made, index) => index > begun && made.slot === slot && made.at <= by);
    },
  };
}
