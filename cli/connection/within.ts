import type { Clock } from '../../shared/clock.ts';

/** Runs something that obeys an abort signal, and aborts it after `limitMs` milliseconds, or when `signal` is. */
export async function within<T>(
  clock: Clock,
  limitMs: number,
  signal: AbortSignal,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const cancel = clock.after(limitMs, () => controller.abort(new DOMException('The time is up.', 'TimeoutError')));
  try {
    return await run(AbortSignal.any([controller.signal, signal]));
  } finally {
    cancel();
  }
}

/** Waits `ms` milliseconds, or until `signal` is aborted. */
export function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      cancel();
      signal.removeEventListener('abort', end);
      resolve();
    };
    const cancel = clock.after(ms, end);
    signal.addEventListener('abort', end);
    if (signal.aborted) end();
  });
}
