import type { Clock } from './clock.ts';
import { BrokerError, problemCodes } from './error.ts';
import { parseObject } from './header-set.ts';

/** Reads an answer that is not 200: the broker's problem document (RFC 9457), or whatever something before it says. */
export function problemOf(clock: Clock, { status, headers }: Response, text: string): BrokerError {
  const { code, detail, requestId } = parseObject(text);
  const known = problemCodes.find((each) => each === code);
  const id = typeof requestId === 'string' ? requestId : (headers.get('x-request-id') ?? undefined);
  const told = known
    ? `: ${known}. ${typeof detail === 'string' ? detail : ''}`
    : ', but not as a broker does: look at brokerUrl.';
  return new BrokerError(
    known ?? 'unexpected-answer',
    `The broker answered ${status}${told}${id === undefined ? '' : ` (request ${id})`}`,
    { status, requestId: id, retryAfter: readRetryAfter(clock, headers.get('retry-after')) },
  );
}

/** Whether the same request may succeed a little later. */
export function isTransient({ code, status = 0 }: BrokerError): boolean {
  return code === 'unreachable' || [429, 503, 504].includes(status);
}

/**
 * Seconds (RFC 9110, section 10.2.3). `undefined` for none, and for what is neither a number nor a date as HTTP writes one: `Date.parse` takes `-1`
 * and `2099x` for dates, too.
 */
function readRetryAfter(clock: Clock, value: string | null): number | undefined {
  if (value === null || !/^(\d{1,9}|\w+, .+ GMT)$/.test(value)) return undefined;
  const seconds = /^\d+$/.test(value) ? Number(value) : Math.ceil((Date.parse(value) - clock.wall()) / 1_000);
  return Number.isNaN(seconds) ? undefined : Math.max(0, seconds);
}
