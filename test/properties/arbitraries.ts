import * as fc from 'fast-check';
import { parseGuid, type Guid } from '../../shared/names.ts';

/** How often a property is tried: together they take a few seconds. fast-check prints the seed of what fails. */
export const some = { numRuns: 100 };
export const few = { numRuns: 40 };

/** Any text, whatever stands in it. */
export const anyText = fc.string({ unit: 'binary' });

/** Texts that are nearly something: made of the parts that it is made of. */
export const madeOf = (...parts: readonly string[]): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom(...parts), { maxLength: 12 }).map((taken) => taken.join(''));

/** A moment that RFC 3339 can write, in milliseconds since the epoch. */
export const moment = fc.integer({ min: 0, max: 253_402_300_799_999 });

/** Visible ASCII without a blank, as tokens and keys are. */
export const credential = fc.stringMatching(/^[!-~]{1,80}$/);

/** As Entra writes them and as people do: in either case. */
export const writtenGuid: fc.Arbitrary<string> = fc
  .tuple(fc.uuid(), fc.boolean())
  .map(([uuid, isUpper]) => (isUpper ? uuid.toUpperCase() : uuid));

export function toGuid(written: string): Guid {
  const guid = parseGuid(written);
  if (!guid) throw new TypeError('That is no GUID.');
  return guid;
}

const plain = fc
  .json({ maxDepth: 3 })
  .filter((text) => !text.includes('__proto__'))
  .map((text): unknown => JSON.parse(text));
/** Members that the language itself would call, where a value is taken for a text. */
const callable = fc
  .dictionary(fc.constantFrom('toString', 'valueOf', 'toJSON', 'then', 'length', 'constructor'), plain, {
    minKeys: 1,
    noNullPrototype: true,
  })
  .chain((members) => fc.constantFrom<unknown[]>(members, [members]));

/** A value as it is once it has been through JSON, with no name that a reader refuses. */
export const json: fc.Arbitrary<unknown> = fc.oneof({ weight: 3, arbitrary: plain }, callable);

/** Of paths that mean to leave the API that they begin at. */
export const oddPathPieces = ['/', '.', '..', '%2e', '%252e', '%2f', '%5c', '\\', 'a', '%'] as const;
