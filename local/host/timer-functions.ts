import type { Clock } from '../../shared/clock.ts';
import { resolveSettings, type IndexedFunction } from './indexing.ts';
import { parseSchedule, type Schedule } from './schedule.ts';
import { StartError } from './start-error.ts';
import type { TimerState } from './timer-state.ts';
import { createTimer, type Timer } from './timers.ts';

function readSchedule({ name, trigger }: IndexedFunction, settings: NodeJS.ProcessEnv): Schedule {
  if (typeof trigger['schedule'] !== 'string') throw new StartError(`The timer "${name}" has no schedule.`);
  const expression = resolveSettings(trigger['schedule'], name, settings);
  try {
    return parseSchedule(expression);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : 'it cannot be read';
    throw new StartError(
      `The schedule "${expression}" of the timer "${name}" is not valid: ${why}. Write it as "0 */5 * * * *".`,
      { cause },
    );
  }
}

// Azure asks how many occurrences the next minute has: more than one, and it does not monitor.
function isSubMinute(schedule: Schedule, at: number): boolean {
  return schedule.next(schedule.next(at)) <= at + 60_000;
}

/** The timers among the functions, by function. Throws a StartError for a schedule that cannot be read. */
export function createTimers(
  functions: IndexedFunction[],
  settings: NodeJS.ProcessEnv,
  {
    clock,
    state,
    run,
  }: { clock: Clock; state: TimerState; run: (target: IndexedFunction, timerInfo: string) => Promise<void> },
): Map<IndexedFunction, Timer> {
  const timers = new Map<IndexedFunction, Timer>();
  for (const one of functions.filter(({ kind }) => kind === 'timer')) {
    const schedule = readSchedule(one, settings);
    const options = {
      name: one.name,
      schedule,
      runOnStartup: one.trigger['runOnStartup'] === true,
      useMonitor: one.trigger['useMonitor'] !== false && !isSubMinute(schedule, clock.wall()),
      disabled: one.disabled,
    };
    timers.set(one, createTimer(options, { clock, state, run: (timerInfo) => run(one, timerInfo) }));
  }
  return timers;
}
