import type { Clock } from '../../shared/clock.ts';
import type { Schedule } from './schedule.ts';

/** One run of an instance, from its start to its end. What comes back to a run that has ended is lost. */
export type Life = { isOver: boolean };

/** One worker of the app: its own clock, which may be off, and its own end. */
export type Instance = {
  readonly index: number;
  readonly clock: Clock;
  /** The run under way. */
  life(): Life;
  /** Ends the run, with all that it waits for, and begins the next. */
  crash(): void;
  isFrozen(): boolean;
  /** Nothing runs here until then: not a timer, not an answer. The clocks go on. */
  freeze(ms: number): void;
  /** How far the wall clock is ahead of the true time. */
  skew(): number;
  setSkew(ms: number): void;
  /** Runs something here once the instance can, if that life is still the one. */
  resume(life: Life, run: () => void): void;
};

export function createInstance(schedule: Schedule, index: number, initialSkewMs: number): Instance {
  const bootedAt = schedule.now() - 1_000_000 * (index + 1);
  let skewMs = initialSkewMs;
  let frozenUntil = 0;
  let life: Life = { isOver: false };

  const resume = (of: Life, run: () => void) => {
    if (of.isOver) return;
    if (schedule.now() < frozenUntil) schedule.at(frozenUntil, () => resume(of, run));
    else run();
  };

  return {
    index,
    clock: {
      wall: () => schedule.now() + skewMs,
      monotonic: () => schedule.now() - bootedAt,
      after: (delayMs, callback) => {
        const of = life;
        return schedule.after(delayMs, () => resume(of, callback));
      },
    },
    life: () => life,
    crash: () => {
      life.isOver = true;
      life = { isOver: false };
      frozenUntil = 0;
    },
    isFrozen: () => schedule.now() < frozenUntil,
    freeze: (ms) => {
      frozenUntil = Math.max(frozenUntil, schedule.now() + ms);
    },
    skew: () => skewMs,
    setSkew: (ms) => {
      skewMs = ms;
    },
    resume,
  };
}
