/** The last moment that a JavaScript date can be, in milliseconds since the epoch. */
export const lastMoment = 8_640_000_000_000_000;

/**
 * The beginning of a row key that is lower the later the moment is: tables keep rows in the order of their keys, so the newest are found first. What is
 * left until the last moment has sixteen digits for 240,000 years.
 */
export function toNewestFirst(wallMs: number): string {
  return String(lastMoment - Math.trunc(wallMs));
}
