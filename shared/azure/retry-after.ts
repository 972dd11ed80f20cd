/**
 * Reads a `Retry-After` header (RFC 9110, section 10.2.3), in seconds or as a date.
 *
 * @returns milliseconds from now, at least 0; `undefined` for an absent or unreadable header.
 */
export function parseRetryAfter(value: string | null | undefined, wallMs: number): number | undefined {
  if (!value) return undefined;
  if (/^\d{1,9}$/.test(value.trim())) return Number(value) * 1_000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - wallMs);
}
