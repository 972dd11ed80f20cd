import { expect, test } from '@jest/globals';
import { readIdempotencyKey } from '../../../shared/http/idempotency-key.ts';
import { requestOf } from './exchange.ts';

const read = (key: string | undefined) =>
  readIdempotencyKey(requestOf({ headers: key === undefined ? {} : { 'Idempotency-Key': key } }));

test.each(['a', 'b5c8e3a4-2f1d-4e3b-8c6a-5d4e3f2a1b0c', 'drill:2026-11-24_1.0', 'x'.repeat(128)])(
  'an Idempotency-Key may be %j',
  (key) => {
    expect(read(key)).toBe(key);
  },
);

test.each([
  [undefined, 'idempotency-key-missing'],
  ['', 'idempotency-key-missing'],
  ['a b', 'idempotency-key-malformed'],
  ['a, b', 'idempotency-key-malformed'],
  ['"quoted"', 'idempotency-key-malformed'],
  ['a/b', 'idempotency-key-malformed'],
  ['x'.repeat(129), 'idempotency-key-malformed'],
])('%j is refused: %s', (key, reason) => {
  expect(() => read(key)).toThrow(expect.objectContaining({ code: 'invalid-request', reason }));
});
