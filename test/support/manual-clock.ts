import type { Clock } from '../../shared/clock.ts';

/** A clock that stands still until a test moves it. */
export type ManualClock = Clock & {
  /**
   * Moves both readings by `ms`. On the way it calls back what falls due, in order and each at its own moment, and lets promises settle
   * before, between and after.
   */
  advance(ms: number): Promise<void>;
  /** Sets the wall reading alone, as an operator or a time server does. */
  setWall(ms: number): void;
  /** How many callbacks are still to come. */
  pending(): number;
};

type Alarm = { readonly at: number; readonly callback: () => void };

/** Starts at 2026-11-24T03:00:00Z on the wall and at 0 on the monotonic reading, both in milliseconds. */
export function createManualClock({
  wall = Date.UTC(2026, 10, 24, 3),
  monotonic = 0,
}: { wall?: number; monotonic?: number } = {}): ManualClock {
  const alarms = new Set<Alarm>();
  const move = (ms: number) => {
    wall += ms;
    monotonic += ms;
  };
  const nextUntil = (end: number) =>
    [...alarms].filter(({ at }) => at <= end).toSorted((one, other) => one.at - other.at)[0];

  return {
    wall: () => wall,
    monotonic: () => monotonic,
    after: (delayMs, callback) => {
      const alarm = { at: monotonic + Math.max(0, delayMs), callback };
      alarms.add(alarm);
      return () => void alarms.delete(alarm);
    },
    advance: async (ms) => {
      const end = monotonic + ms;
      await settle();
      for (let alarm = nextUntil(end); alarm; alarm = nextUntil(end)) {
        alarms.delete(alarm);
        move(Math.max(0, alarm.at - monotonic));
        alarm.callback();
        // Each alarm comes after what the one before it has caused.
        await settle();
      }
      move(end - monotonic);
      await settle();
    },
    setWall: (ms) => {
      wall = ms;
    },
    pending: () => alarms.size,
  };
}

/** Lets promises that wait for nothing outside settle. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 4; turn += 1) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}
