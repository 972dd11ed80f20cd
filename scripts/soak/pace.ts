import type { Clock } from '../../shared/clock.ts';

/** Time as it passes, until the soak is ended. */
export type Pace = {
  readonly pause: (ms: number) => Promise<void>;
  /** Resolves after that long, or when the soak is ended. */
  untilOver(ms: number): Promise<void>;
  /** Does something again and again, one at a time. What fails is tried again the next time. */
  repeat(everyMs: number, work: () => Promise<void>): void;
};

export function createPace(clock: Clock, signal: AbortSignal): Pace {
  const pause = (ms: number) => new Promise<void>((resolve) => void clock.after(ms, resolve));
  return {
    pause,
    untilOver: async (ms) => {
      const ended = new Promise<void>((resolve) => {
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
      await Promise.race([pause(ms), ended]);
    },
    repeat: (everyMs, work) => {
      const again = (): void => {
        clock.after(everyMs, () => {
          if (!signal.aborted) void work().then(again, again);
        });
      };
      again();
    },
  };
}
