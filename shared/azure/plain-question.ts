import type { Clock } from '../clock.ts';
import type { PlainAnswer } from '../doctor/ports.ts';
import { BrokerError, type Reason } from '../errors.ts';
import { networkErrorOf } from '../upstream-error.ts';

/**
 * Asks a service something that needs no credentials, for its status and its time of day.
 *
 * @param reason of the {BrokerError} that is thrown without an answer.
 */
export function createPlainQuestion(
  clock: Clock,
  url: string,
  reason: Reason,
): (signal: AbortSignal) => Promise<PlainAnswer> {
  return async (signal) => {
    const response = await fetch(url, { redirect: 'manual', signal }).catch((error: unknown) => {
      throw new BrokerError(reason, { upstream: networkErrorOf(error) });
    });
    // Nobody reads it.
    response.body?.cancel().catch(() => {});
    return { status: response.status, aheadMs: aheadOf(response.headers, clock.wall()) };
  };
}

/** A cache on the way keeps the date of what it keeps (RFC 9111, section 5.1). */
function aheadOf(headers: Headers, wallMs: number): number | undefined {
  const date = headers.get('age') === null ? Date.parse(headers.get('date') ?? '') : Number.NaN;
  return Number.isNaN(date) ? undefined : date - wallMs;
}
