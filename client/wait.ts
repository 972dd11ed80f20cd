import type { Clock } from './clock.ts';
import { BrokerError } from './error.ts';

/** Waits for what others wait for too: a signal ends the wait, and not the work. */
export function waitFor<T>(work: Promise<T>, signal: AbortSignal | null | undefined): Promise<T> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    const settle = (end: () => void): void => {
      signal.removeEventListener('abort', abort);
      end();
    };
    signal.addEventListener('abort', abort);
    if (signal.aborted) abort();
    work.then(
      (value) => settle(() => resolve(value)),
      (error: unknown) => settle(() => reject(error)),
    );
  });
}

/** Waits `ms` milliseconds and up to a quarter more, so that those whom the broker tells the same do not all come back at once; or until `signal` is aborted. */
export function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  let cancel = (): void => {};
  const over = new Promise<void>((resolve) => {
    cancel = clock.after(ms * (1 + Math.random() / 4), resolve);
  });
  return waitFor(over, signal).finally(cancel);
}

/**
 * Runs something, and gives it up after `limitMs` milliseconds, also where it does not obey the signal.
 *
 * @throws {BrokerError} `timeout`
 */
export async function within<T>(clock: Clock, limitMs: number, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const tooLate = new BrokerError('timeout', `The broker has not answered within ${limitMs} ms.`);
  const cancel = clock.after(limitMs, () => controller.abort(tooLate));
  try {
    return await waitFor(run(controller.signal), controller.signal);
  } finally {
    cancel();
  }
}
