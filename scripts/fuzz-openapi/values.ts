import * as fc from 'fast-check';
import type { Parameter } from '../openapi/types.ts';
import { marker } from './case.ts';

/** A value by a parameter’s own schema. */
export function matching(schema: Parameter['schema']): fc.Arbitrary<string> {
  const { pattern, enum: words, type, minimum, maximum } = schema;
  if (Array.isArray(words)) return fc.constantFrom(...words.map(String));
  if (type === 'integer') return fc.integer({ min: Number(minimum ?? 0), max: Number(maximum ?? 1e6) }).map(String);
  if (typeof pattern !== 'string') return fc.constant(marker);
  return fc.stringMatching(new RegExp(pattern, 'u'), { size: 'xsmall' }).map(encodeURIComponent);
}
