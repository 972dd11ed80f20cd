import type { Clock } from './clock.ts';
import { BrokerError, type Reason } from './errors.ts';

/**
 * Waits for a promise, but no longer than the signal allows: rejects with the signal's reason once it is aborted. The promise itself goes
 * on; its late rejection is not reported as unhandled.
 */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal === neverAborted) return promise;
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason instanceof Error ? signal.reason : new BrokerError('deadline'));
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** For work that goes on whoever waits for it. */
export const neverAborted = new AbortController().signal;

/**
 * Runs something that takes an abort signal, and ends after `limitMs` milliseconds whether or not it obeys the signal.
 *
 * @throws {BrokerError} with `reason` when the time is up.
 */
export async function withDeadline<T>(
  clock: Clock,
  limitMs: number,
  reason: Reason,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const { promise: overdue, reject } = Promise.withResolvers<never>();
  const cancel = clock.after(limitMs, () => {
    const error = new BrokerError(reason);
    // First: what obeys the signal may end at once, with an error of its own.
    reject(error);
    controller.abort(error);
  });
  try {
    return await Promise.race([run(controller.signal), overdue]);
  } finally {
    cancel();
  }
}
