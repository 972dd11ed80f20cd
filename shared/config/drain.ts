import { parseDuration } from './duration.ts';
import { memberOf } from './member.ts';
import { defaultDurations, defaultTerms } from './schema.ts';

/**
 * The shortest time for which a retiring key must be kept, V + C + H + 2ε + F (`docs/rotation.md`), with the sum as people write it. It works on
 * the file as it was written; what cannot be read there counts as its default.
 */
export function shortestDrain(file: unknown): { readonly ms: number; readonly sum: string } {
  const broker = memberOf(file, 'broker');
  const terms = memberOf(broker, 'rotationTerms');
  const read = (from: unknown, member: string, fallback: string) => {
    const text = memberOf(from, member);
    return typeof text === 'string' && parseDuration(text) !== undefined ? text : fallback;
  };
  const visibility = read(terms, 'visibility', defaultTerms.visibility);
  const readAge = read(terms, 'readAge', defaultTerms.readAge);
  const lifetime = read(broker, 'headerLifetime', defaultDurations.headerLifetime);
  const skew = read(terms, 'clockSkew', defaultTerms.clockSkew);
  const flight = read(terms, 'flight', defaultTerms.flight);
  const ms = [visibility, readAge, lifetime, skew, skew, flight].reduce(
    (sum, text) => sum + (parseDuration(text) ?? 0),
    0,
  );
  return { ms, sum: `${visibility} + ${readAge} + ${lifetime} + 2 × ${skew} + ${flight} = ${writeDuration(ms)}` };
}

/** As it can be written in the file. */
function writeDuration(ms: number): string {
  return ms % 1_000 === 0 ? `${ms / 1_000}s` : `${ms}ms`;
}
