/**
 * Time, as a dependency. Nothing else in `shared` reads a clock or sets a timer.
 *
 * Durations and lifetimes are measured with `monotonic`, which a clock that is set or drifts does not touch; `wall` is for comparing with
 * other machines' times (`exp`, `safeUntil`) and for display.
 */
export type Clock = {
  /** Milliseconds since the Unix epoch. May jump. */
  wall(): number;
  /** Milliseconds since an arbitrary moment. Never goes back. */
  monotonic(): number;
  /** Calls back once after `delayMs` milliseconds. Returns what cancels it. */
  after(delayMs: number, callback: () => void): () => void;
};

/** In milliseconds, almost 25 days. A timer takes whatever is longer for no time at all. */
const longestMs = 2 ** 31 - 1;

/** The machine's own clock. A pending `after` does not keep the process alive. */
export const systemClock: Clock = {
  wall: () => Date.now(),
  monotonic: () => performance.now(),
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, Math.min(delayMs, longestMs)).unref();
    return () => clearTimeout(timer);
  },
};
