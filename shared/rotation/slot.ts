/** One of the two keys of an API Management subscription. */
export type Slot = 'primary' | 'secondary';

export const slots: readonly Slot[] = ['primary', 'secondary'];

export function otherSlot(slot: Slot): Slot {
  return slot === 'primary' ? 'secondary' : 'primary';
}
