import { toTimestamp, type Timestamp } from '../names.ts';

/** The last moment that RFC 3339 can write. A record or a tag may have a later one, and be shown all the same. */
const lastMs = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** A moment of the wall clock as operators see it. */
export function toMoment(wallMs: number): Timestamp {
  return toTimestamp(Math.min(wallMs, lastMs));
}
