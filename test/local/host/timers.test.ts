import { describe, expect, test } from '@jest/globals';
import type { Clock } from '../../../shared/clock.ts';
import { parseSchedule } from '../../../local/host/schedule.ts';
import { openTimerState, type ScheduleStatus } from '../../../local/host/timer-state.ts';
import { createTimer, type TimerOptions } from '../../../local/host/timers.ts';
import { createManualClock } from '../../support/manual-clock.ts';

const start = Date.parse('2026-01-01T00:00:30Z');
const minuteMs = 60_000;

type Run = {
  at: string;
  info: { IsPastDue: boolean; ScheduleStatus: { Last: string; Next: string; LastUpdated: string } | null };
  end: () => void;
};

function setUp(options: Partial<TimerOptions> & { expression?: string; known?: ScheduleStatus; holds?: boolean } = {}) {
  const { expression = '0 * * * * *', known, holds = false, ...rest } = options;
  const clock = createManualClock({ wall: start });
  const state = openTimerState(undefined, () => undefined);
  if (known) state.write('tick', known);
  const runs: Run[] = [];
  const run = (json: string): Promise<void> =>
    new Promise((resolve) => {
      const info = JSON.parse(json) as Run['info'];
      runs.push({ at: new Date(clock.wall()).toISOString(), info, end: resolve });
      if (!holds) resolve();
    });
  const schedule = parseSchedule(expression);
  const delays: number[] = [];
  const after: Clock['after'] = (delayMs, callback) => (delays.push(delayMs), clock.after(delayMs, callback));
  const timer = createTimer(
    { name: 'tick', schedule, runOnStartup: false, useMonitor: true, disabled: false, ...rest },
    { clock: { ...clock, after }, state, run },
  );
  return { clock, state, runs, timer, delays, at: () => runs.map((one) => one.at) };
}

describe('a timer', () => {
  test('runs when it is due, each time with the status of the run before', async () => {
    const { clock, runs, timer, state } = setUp();
    timer.start();
    await clock.advance(2 * minuteMs);
    expect(runs.map(({ at, info }) => ({ at, ...info }))).toEqual([
      {
        at: '2026-01-01T00:01:00.000Z',
        Schedule: { AdjustForDST: true },
        ScheduleStatus: {
          Last: '0001-01-01T00:00:00.000Z',
          Next: '2026-01-01T00:01:00.000Z',
          LastUpdated: '2026-01-01T00:00:30.000Z',
        },
        IsPastDue: false,
      },
      {
        at: '2026-01-01T00:02:00.000Z',
        Schedule: { AdjustForDST: true },
        ScheduleStatus: {
          Last: '2026-01-01T00:01:00.000Z',
          Next: '2026-01-01T00:02:00.000Z',
          LastUpdated: '2026-01-01T00:01:00.000Z',
        },
        IsPastDue: false,
      },
    ]);
    expect(state.read('tick')).toEqual({
      last: '2026-01-01T00:02:00.000Z',
      next: '2026-01-01T00:03:00.000Z',
      lastUpdated: '2026-01-01T00:02:00.000Z',
    });
  });

  test('does not run at start, and does with runOnStartup, where it is not past due', async () => {
    const plain = setUp();
    plain.timer.start();
    await plain.clock.advance(0);
    expect(plain.runs).toEqual([]);
    const eager = setUp({ runOnStartup: true });
    eager.timer.start();
    await eager.clock.advance(minuteMs);
    expect(eager.at()).toEqual(['2026-01-01T00:00:30.000Z', '2026-01-01T00:01:00.000Z']);
    expect(eager.runs[0]?.info.IsPastDue).toBe(false);
  });

  test('that was due while the host was down runs once at start, past due, and then on schedule', async () => {
    const known = {
      last: '2025-12-31T23:50:00.000Z',
      next: '2025-12-31T23:51:00.000Z',
      lastUpdated: '2025-12-31T23:50:00.000Z',
    };
    const { clock, runs, timer, at } = setUp({ known, runOnStartup: true });
    timer.start();
    await clock.advance(minuteMs);
    expect(at()).toEqual(['2026-01-01T00:00:30.000Z', '2026-01-01T00:01:00.000Z']);
    expect(runs.map(({ info }) => info.IsPastDue)).toEqual([true, false]);
    expect(runs[0]?.info.ScheduleStatus).toEqual({
      Last: known.last,
      Next: known.next,
      LastUpdated: known.lastUpdated,
    });
  });

  test('that ran within the present interval is not past due after a restart', async () => {
    const known = {
      last: '2026-01-01T00:00:00.000Z',
      next: '2026-01-01T00:01:00.000Z',
      lastUpdated: '2026-01-01T00:00:00.000Z',
    };
    const { clock, runs, timer } = setUp({ known });
    timer.start();
    await clock.advance(minuteMs);
    expect(runs.map(({ info }) => info.IsPastDue)).toEqual([false]);
  });

  test('whose schedule was made longer meanwhile is not past due by the old one', async () => {
    const known = {
      last: '2025-12-31T23:50:00.000Z',
      next: '2025-12-31T23:51:00.000Z',
      lastUpdated: '2025-12-31T23:50:00.000Z',
    };
    const { clock, runs, timer } = setUp({ known, expression: '0 0 12 * * *' });
    timer.start();
    await clock.advance(minuteMs);
    expect(runs).toEqual([]);
  });

  test('without a monitor has no status and is never past due', async () => {
    const known = {
      last: '2025-12-31T23:50:00.000Z',
      next: '2025-12-31T23:51:00.000Z',
      lastUpdated: '2025-12-31T23:50:00.000Z',
    };
    const { clock, runs, timer, state } = setUp({ known, useMonitor: false });
    timer.start();
    await clock.advance(minuteMs);
    expect(runs.map(({ info }) => info)).toEqual([
      { Schedule: { AdjustForDST: true }, ScheduleStatus: null, IsPastDue: false },
    ]);
    expect(state.read('tick')).toEqual(known);
  });

  test('never runs twice at once; a missed occurrence is made up for when the run is over', async () => {
    const { clock, runs, timer, at } = setUp({ holds: true });
    timer.start();
    await clock.advance(5 * minuteMs);
    expect(at()).toEqual(['2026-01-01T00:01:00.000Z']);
    runs[0]?.end();
    await clock.advance(0);
    expect(at()).toEqual(['2026-01-01T00:01:00.000Z', '2026-01-01T00:05:30.000Z']);
    runs[1]?.end();
    await clock.advance(minuteMs);
    expect(at().slice(2)).toEqual(['2026-01-01T00:06:00.000Z']);
  });

  test('fired by hand runs after the run that is under way, as often as asked, and keeps its schedule', async () => {
    const { clock, runs, timer, at, state } = setUp({ holds: true });
    timer.start();
    await clock.advance(0);
    const before = state.read('tick');
    const fired = [timer.fire(false), timer.fire(true)];
    await clock.advance(0);
    expect(runs).toHaveLength(1);
    runs[0]?.end();
    await fired[0];
    await clock.advance(0);
    runs[1]?.end();
    await fired[1];
    expect(runs.map(({ info }) => info.IsPastDue)).toEqual([false, true]);
    expect(state.read('tick')).toEqual(before);
    await clock.advance(minuteMs);
    expect(at()[2]).toBe('2026-01-01T00:01:00.000Z');
  });

  test('begins no run after a stop, not even one that waited', async () => {
    const { clock, runs, timer } = setUp({ holds: true });
    timer.start();
    const first = timer.fire(false);
    const second = timer.fire(false);
    await clock.advance(0);
    timer.stop();
    runs[0]?.end();
    await Promise.all([first, second]);
    await clock.advance(10 * minuteMs);
    expect(runs).toHaveLength(1);
    expect(clock.pending()).toBe(0);
  });

  test('that is disabled runs by hand only', async () => {
    const { clock, runs, timer } = setUp({ disabled: true, runOnStartup: true });
    timer.start();
    await clock.advance(minuteMs);
    expect(runs).toEqual([]);
    await timer.fire(false);
    expect(runs).toHaveLength(1);
  });

  test('that comes up a little early does not come up again for the same occurrence', async () => {
    const { clock, timer, at } = setUp();
    timer.start();
    clock.setWall(start - 5);
    await clock.advance(minuteMs);
    expect(at()).toEqual(['2026-01-01T00:00:59.995Z']);
    await clock.advance(minuteMs);
    expect(at()).toEqual(['2026-01-01T00:00:59.995Z', '2026-01-01T00:02:00.000Z']);
  });

  test('waits longer than setTimeout can', async () => {
    const { clock, timer, at, delays } = setUp({ expression: '0 0 0 1 6 *' });
    timer.start();
    await clock.advance(200 * 24 * 60 * minuteMs);
    expect(at()).toEqual(['2026-06-01T00:00:00.000Z']);
    expect(Math.max(...delays)).toBeLessThan(2 ** 31);
  });
});
