import type { Clock } from '../../../shared/clock.ts';

/** How one gateway hears of one subscription: a change reaches it `delayMs` later, and none does while it is offline. */
export type Link = { delayMs: number; offline: boolean };

/** A value that the service has at once and each gateway only when the change has reached it. */
export type Propagated<T> = {
  /** What the service has. */
  current(): T;
  /** What a gateway has. Never goes back to an older value, whatever its link becomes. */
  seenBy(gateway: number): T;
  set(value: T): void;
  /** Gives one gateway a value at once; the service's, and its next change, are untouched. */
  override(gateway: number, value: T): void;
};

type View<T> = { link: Link; seen: T; pending: { value: T; at: number }[] };

/** A value that every gateway has from the start. `links` are read at each look, so that whoever holds them can change them. */
export function createPropagated<T>(initial: T, links: readonly Link[], clock: Clock): Propagated<T> {
  const views: View<T>[] = links.map((link) => ({ link, seen: initial, pending: [] }));
  let current = initial;

  const settle = (gateway: number): View<T> => {
    const view = viewOf(views, gateway);
    while (!view.link.offline && view.pending[0] && view.pending[0].at + view.link.delayMs <= clock.monotonic()) {
      view.seen = view.pending[0].value;
      view.pending.shift();
    }
    return view;
  };

  return {
    current: () => current,
    seenBy: (gateway) => settle(gateway).seen,
    set: (value) => {
      current = value;
      for (const view of views) view.pending.push({ value, at: clock.monotonic() });
    },
    override: (gateway, value) => {
      settle(gateway).seen = value;
    },
  };
}

function viewOf<T>(views: View<T>[], gateway: number): View<T> {
  const view = views[gateway];
  if (!view) throw new RangeError(`there is no gateway ${gateway}`);
  return view;
}
