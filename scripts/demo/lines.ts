import type { Clock } from '../../shared/clock.ts';

/** What a demonstration looks at of a line of the broker's log, and when it was read. */
type Line = {
  event: string;
  to?: string;
  subscription?: string;
  action?: string;
  rejection?: string;
  /** Monotonic, in milliseconds. */
  at: number;
};

export type Lines = {
  readonly seen: readonly Line[];
  /** Takes one in, as the host prints it. */
  read(line: string): void;
  /** Nothing that is waited for will come. */
  fail(why: string): void;
  /** Waits for something else, unless it fails. */
  orFailure<T>(work: Promise<T>): Promise<T>;
  /** Waits for a line, or for one that was read already. */
  until(isIt: (line: Line) => boolean): Promise<void>;
};

/** Follows what the broker logs. */
export function followLines(clock: Clock): Lines {
  const seen: Line[] = [];
  const failing = Promise.withResolvers<never>();
  failing.promise.catch(() => {});
  let tell = (): void => {};
  const orFailure = <T>(work: Promise<T>): Promise<T> => Promise.race([work, failing.promise]);
  return {
    seen,
    read: (line) => {
      // The host says time, level and function before it.
      const text = line.slice(Math.max(0, line.indexOf('{')));
      if (!text.startsWith('{"event":"')) return;
      const read: Omit<Line, 'at'> = JSON.parse(text);
      seen.push({ ...read, at: clock.monotonic() });
      tell();
    },
    fail: (why) => failing.reject(new Error(why)),
    orFailure,
    until: (isIt) => {
      const found = new Promise<void>((resolve) => {
        tell = () => {
          if (seen.some(isIt)) resolve();
        };
        tell();
      });
      return orFailure(found);
    },
  };
}
