/** Time, as a dependency. Nothing else in the client reads a clock or sets a timer. */
export type Clock = {
  /** Milliseconds since the Unix epoch. May jump. */
  wall(): number;
  /** Milliseconds since an arbitrary moment. Never goes back; may stand still while the machine sleeps. */
  monotonic(): number;
  /** Calls back once after `delayMs` milliseconds. Returns what cancels it. */
  after(delayMs: number, callback: () => void): () => void;
};

/** The machine's own clock. A pending `after` keeps the process alive: somebody waits for it. */
export const systemClock: Clock = {
  wall: () => Date.now(),
  monotonic: () => performance.now(),
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

/** A moment by both readings. */
export type Moment = { readonly wall: number; readonly monotonic: number };

export function now(clock: Clock): Moment {
  return { wall: clock.wall(), monotonic: clock.monotonic() };
}

/** Milliseconds since a moment, by whichever reading says that it is longer ago: one is set back, the other sleeps. */
export function since(clock: Clock, { wall, monotonic }: Moment): number {
  return Math.max(clock.wall() - wall, clock.monotonic() - monotonic);
}
