import type { Clock } from '../../shared/clock.ts';
import type { Schedule } from './schedule.ts';
import type { ScheduleStatus, TimerState } from './timer-state.ts';

export type Timer = {
  start(): void;
  /** Runs it once more, after the run that is under way, if any. Does not touch the schedule. */
  fire(isPastDue: boolean): Promise<void>;
  /** No run begins from here on; the one under way goes on. */
  stop(): void;
};

export type TimerOptions = {
  name: string;
  schedule: Schedule;
  runOnStartup: boolean;
  /** Whether the status is kept and passed on. Azure does not for a schedule of less than a minute. */
  useMonitor: boolean;
  /** A disabled timer can be fired by hand only. */
  disabled: boolean;
};

type Dependencies = {
  clock: Clock;
  state: TimerState;
  /** Runs the function with the JSON of Azure's TimerInfo. Never rejects. */
  run: (timerInfo: string) => Promise<void>;
};

const never = new Date(Date.UTC(1, 0, 1)).setUTCFullYear(1);

// setTimeout waits 24.8 days at most.
const longestWaitMs = 24 * 24 * 3_600_000;

/** Azure's TimerInfo, which `@azure/functions` turns into its camel-case `Timer`. */
function toTimerInfo(status: ScheduleStatus | null, isPastDue: boolean): string {
  const scheduleStatus = status && { Last: status.last, LastUpdated: status.lastUpdated, Next: status.next };
  return JSON.stringify({ Schedule: { AdjustForDST: true }, ScheduleStatus: scheduleStatus, IsPastDue: isPastDue });
}

function toStatus(last: number, next: number, lastUpdated: number): ScheduleStatus {
  return { last: toIso(last), next: toIso(next), lastUpdated: toIso(lastUpdated) };
}

// A schedule whose last occurrence is over has no next one.
function toIso(at: number): string {
  return new Date(Number.isFinite(at) ? at : 8.64e15).toISOString();
}

/**
 * One timer trigger, as Azure's listener works it: the status is written after a run; a timer whose occurrence was missed while the host was
 * down runs at start with `isPastDue`; an occurrence that is missed because the run before it took so long is made up for at once; and no
 * two runs overlap.
 */
export function createTimer(
  { name, schedule, runOnStartup, useMonitor, disabled }: TimerOptions,
  { clock, state, run }: Dependencies,
): Timer {
  const known = useMonitor ? state.read(name) : undefined;
  let nextMs = schedule.next(clock.wall());
  let status = known ?? toStatus(never, nextMs, clock.wall());
  let stopped = false;
  let cancel: (() => void) | undefined;
  let runs = Promise.resolve();

  const runAfter = async (
    earlier: Promise<void>,
    isPastDue: boolean,
    whenDone: (startedMs: number) => void,
  ): Promise<void> => {
    await earlier;
    if (stopped) return;
    const startedMs = clock.wall();
    await run(toTimerInfo(useMonitor ? status : null, isPastDue));
    whenDone(startedMs);
  };

  const enqueue = (isPastDue: boolean, whenDone: (startedMs: number) => void): Promise<void> => {
    runs = runAfter(runs, isPastDue, whenDone);
    return runs;
  };

  const keep = (lastMs: number): void => {
    nextMs = schedule.next(lastMs);
    status = toStatus(lastMs, nextMs, lastMs);
    if (useMonitor) state.write(name, status);
  };

  const arm = (): void => {
    const waitMs = Math.max(0, nextMs - clock.wall());
    if (stopped || waitMs === Number.POSITIVE_INFINITY) return;
    cancel = clock.after(Math.min(waitMs, longestWaitMs), waitMs > longestWaitMs ? arm : runScheduled);
  };

  // A timer may fire a little early; from the time of that start the same occurrence would come up again.
  const runScheduled = (): void => void enqueue(false, (startedMs) => (keep(Math.max(startedMs, nextMs)), arm()));
  const runNow = (isPastDue: boolean): void => void enqueue(isPastDue, (startedMs) => (keep(startedMs), arm()));

  return {
    start: () => {
      if (disabled) return;
      // From the time of the last run, because the schedule may have been changed since.
      const isPastDue = known !== undefined && schedule.next(Date.parse(known.lastUpdated)) < clock.wall();
      if (isPastDue || runOnStartup) runNow(isPastDue);
      else {
        if (useMonitor)
          state.write(name, (status = toStatus(Date.parse(status.last), nextMs, Date.parse(status.lastUpdated))));
        arm();
      }
    },
    fire: (isPastDue) => enqueue(isPastDue, () => undefined),
    stop: () => {
      stopped = true;
      cancel?.();
    },
  };
}
