import type { Clock } from '../../shared/clock.ts';

/** A clock that goes from event to event. */
export type EventClock = Clock & {
  /** Lives through all that falls due until then, in milliseconds from the start. */
  runUntil(ms: number): Promise<void>;
};

/** Time moves in steps of this many milliseconds: what falls due within one happens at its end. */
const stepMs = 10;

type Alarm = { callback: (() => void) | undefined };

/** Starts at 0 on the monotonic reading, and at 2026-11-24T03:00:00Z on the wall. */
export function createEventClock(): EventClock {
  const startedOn = Date.UTC(2026, 10, 24, 3);
  const alarms = new Map<number, Alarm[]>();
  let step = 0;

  const ring = (due: readonly Alarm[]) => {
    for (const { callback } of due) callback?.();
  };

  return {
    wall: () => startedOn + step * stepMs,
    monotonic: () => step * stepMs,
    after: (delayMs, callback) => {
      const alarm: Alarm = { callback };
      const at = step + Math.max(1, Math.ceil(delayMs / stepMs));
      const others = alarms.get(at);
      if (others) others.push(alarm);
      else alarms.set(at, [alarm]);
      return () => {
        alarm.callback = undefined;
      };
    },
    runUntil: async (ms) => {
      await settle();
      for (const end = Math.ceil(ms / stepMs); step < end;) {
        step += 1;
        const due = alarms.get(step);
        if (!due) continue;
        alarms.delete(step);
        ring(due);
        await settle();
      }
    },
  };
}

/** Lets everything happen that waits for nothing but promises. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
