/** A longer wait is cut to this: an upstream may not silence an instance, or its callers, for an hour. */
const longestMs = 60_000;

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
  return /^\d{1,9}$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - wallMs;
}
