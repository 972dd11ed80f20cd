import { describe, expect, test } from '@jest/globals';
import * as z from 'zod/mini';
import { readBody, readOptionalBody, requireJson } from '../../../shared/http/body.ts';
import { refusalOf, requestOf } from './exchange.ts';

const schema = z.strictObject({ reason: z.string(), inner: z.optional(z.strictObject({ a: z.number() })) });
const json = { 'content-type': 'application/json' };
const requestWith = (body: string | Uint8Array | undefined, headers: Record<string, string> = json) => {
  if (body === undefined) return requestOf({ method: 'POST', headers });
  return requestOf({ method: 'POST', headers, body: typeof body === 'string' ? { string: body } : { bytes: body } });
};
const read = (body: string | Uint8Array | undefined, headers?: Record<string, string>) =>
  readBody(requestWith(body, headers), schema, 100);
const malformed = { code: 'invalid-request', reason: 'body-malformed' };

describe('a body', () => {
  test('is what the schema describes', async () => {
    expect(await read('{"reason":"a drill","inner":{"a":1}}')).toEqual({ reason: 'a drill', inner: { a: 1 } });
  });

  test.each<[string, string | Uint8Array | undefined]>([
    ['missing', undefined],
    ['empty', ''],
    ['no JSON', '{"reason":'],
    ['JSON with comments', '{"reason":"x"/* */}'],
    ['JSON with a comma too many', '{"reason":"x",}'],
    ['two values', '{"reason":"x"}{}'],
    ['no UTF-8', new Uint8Array([...Buffer.from('{"reason":"'), 0xff, ...Buffer.from('"}')])],
    ['no object', '[]'],
    ['null', 'null'],
    ['without a member', '{}'],
    ['with a member of another type', '{"reason":1}'],
    ['with a member that nobody knows', '{"reason":"x","why":"y"}'],
    ['with a member twice', '{"reason":"x","reason":"x"}'],
    ['with a member twice, once escaped', '{"reason":"x","r\\u0065ason":"y"}'],
    ['with a member twice inside', '{"reason":"x","inner":{"a":1,"a":2}}'],
    ['with a member that schemas pass over', '{"reason":"x","__proto__":{}}'],
  ])('is refused when it is %s', async (_what, body) => {
    expect(await refusalOf(read(body))).toEqual(malformed);
  });

  test('is refused when it is too long, whatever it says, and before it is read where that is announced', async () => {
    const tooLong = { code: 'invalid-request', reason: 'body-too-long' };
    const longest = `{"reason":"${'x'.repeat(87)}"}`;
    expect(await read(longest)).toHaveProperty('reason');
    expect(Buffer.byteLength(longest)).toBe(100);
    expect(await refusalOf(read(`${longest} `))).toEqual(tooLong);
    expect(await refusalOf(read('{"reason":"å'.padEnd(60, 'å')))).toEqual(tooLong);
    expect(await refusalOf(read('{}', { ...json, 'content-length': '101' }))).toEqual(tooLong);
  });
});

describe('what a form of another site can send', () => {
  test.each([
    undefined,
    '',
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'text/json',
    'application/jsonp',
  ])('is refused: %j', async (type) => {
    const headers: Record<string, string> = type === undefined ? {} : { 'content-type': type };
    const refused = { code: 'invalid-request', reason: 'content-type-unsupported' };
    expect(await refusalOf(read('{"reason":"x"}', headers))).toEqual(refused);
    const optional = readOptionalBody(requestWith('{"reason":"x"}', headers), schema, 100, 'body-malformed');
    expect(await refusalOf(optional)).toEqual(refused);
  });

  test.each(['application/json', 'Application/JSON', 'application/json; charset=utf-8', ' application/json ;x'])(
    'is not %j',
    (type) => {
      expect(() => requireJson(requestOf({ headers: { 'content-type': type } }))).not.toThrow();
    },
  );
});
