/** A longer wait is cut to this: an upstream may not silence an instance, or its callers, for an hour. */
const longestMs = 60_000;
/** As HTTP writes a date (section 5.6.7). `Date.parse` takes `-1` and `2099x` for dates, too. */
const httpDate = /^[A-Z][a-z]{2,8}, .*\d\d:\d\d:\d\d GMT$/;

/**
 * Reads a `Retry-After` header (RFC 9110, section 10.2.3), in seconds or as a date.
 *
 * @returns milliseconds from now, from 0 to a minute; `undefined` for an absent or unreadable header.
 */
export function parseRetryAfter(value: string | null | undefined, wallMs: number): number | undefined {
  const ms = value ? readMs(value.trim(), wallMs) : Number.NaN;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(0, ms), longestMs);
}

function readMs(text: string, wallMs: number): number {
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1_000;
  return httpDate.test(text) ? Date.parse(text) - wallMs : Number.NaN;
}
