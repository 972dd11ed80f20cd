import { slots, type Slot } from '../../../shared/rotation/slot.ts';
import type { Change } from './control-plane.ts';

/** One machine that checks keys. It hears of a change some time after it was made. */
type Node = Readonly<Record<Slot, Heard[]>>;
type Heard = { readonly key: string; at: number };

/** All gateways of one subscription. */
export type Gateways = {
  readonly count: number;
  readonly nodeCount: number;
  hear(change: Change): void;
  /** Whether a node takes a key at a moment; at the very moment of a change, both keys. */
  accepts(node: number, key: string, at: number): boolean;
  /** The nodes behind one address. */
  nodesOf(gateway: number): readonly number[];
  /** Until then, a gateway hears nothing. */
  cutOff(gateway: number, until: number, now: number): void;
};

/**
 * @param counts how many nodes each gateway has.
 * @param delayOf how long a node takes to hear of a change.
 */
export function createGateways(
  counts: readonly number[],
  delayOf: (gateway: number, node: number, change: Change) => number,
): Gateways {
  const homes = counts.flatMap((count, gateway) => Array.from({ length: count }, () => gateway));
  const nodes = homes.map((): Node => ({ primary: [], secondary: [] }));
  const cutUntil = new Map<number, number>();

  const keyAt = (heard: readonly Heard[], isHeard: (at: number) => boolean) =>
    heard.findLast(({ at }) => isHeard(at))?.key;

  return {
    count: counts.length,
    nodeCount: nodes.length,
    hear: (change) => {
      for (const [index, node] of nodes.entries()) {
        const gateway = homes[index] ?? 0;
        const delayMs = change.cause === 'start' ? -1 : delayOf(gateway, index, change);
        node[change.slot].push({ key: change.key, at: Math.max(change.at + delayMs, cutUntil.get(gateway) ?? 0) });
      }
    },
    accepts: (index, key, at) => {
      const node = nodes[index];
      if (!node) throw new RangeError('There is no such node.');
      return slots.some(
        (slot) => keyAt(node[slot], (heard) => heard <= at) === key || keyAt(node[slot], (heard) => heard < at) === key,
      );
    },
    nodesOf: (gateway) => homes.flatMap((home, index) => (home === gateway ? [index] : [])),
    cutOff: (gateway, until, now) => {
      cutUntil.set(gateway, until);
      const heard = nodes.flatMap((node, index) =>
        homes[index] === gateway ? slots.flatMap((slot) => node[slot]) : [],
      );
      for (const change of heard.filter(({ at }) => at > now)) change.at = Math.max(change.at, until);
    },
  };
}
