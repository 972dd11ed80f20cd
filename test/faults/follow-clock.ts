import type { Clock } from '../../shared/clock.ts';

/** MSAL and the SDKs read the time themselves: from here on they read that of a clock. @returns what gives them their own back. */
export function followClock(clock: Pick<Clock, 'wall'>): () => void {
  const own = globalThis.Date;
  globalThis.Date = new Proxy(own, {
    construct: (target, given: unknown[], newTarget) =>
      Reflect.construct(target, given.length === 0 ? [clock.wall()] : given, newTarget) as object,
    get: (target, name) => (name === 'now' ? () => clock.wall() : (Reflect.get(target, name) as unknown)),
  });
  return () => {
    globalThis.Date = own;
  };
}
