import { HttpResponse } from '@azure/functions';
import { describe, expect, test } from '@jest/globals';
import type { Answer } from '../../../shared/http/answer.ts';
import { toWholeResponse } from '../../../shared/http/whole-response.ts';

const headers = { 'Content-Type': 'application/json', 'X-Request-Id': 'a' };

describe('a response whose body is there as a whole', () => {
  test.each<[string, Answer<string | Uint8Array>]>([
    ['a text', { status: 200, headers, body: '{"name":"Åsa — €"}' }],
    ['an empty text', { status: 429, headers: { ...headers, 'Retry-After': '1' }, body: '' }],
    ['bytes of a larger buffer', { status: 200, headers, body: new Uint8Array([1, 2, 3, 0, 255]).subarray(1) }],
  ])('is what the library makes of %s', async (_what, answer) => {
    const [whole, usual] = [toWholeResponse(answer), new HttpResponse(answer)];
    expect(whole).toBeInstanceOf(HttpResponse);
    expect(whole.status).toBe(usual.status);
    expect([...whole.headers]).toEqual([...usual.headers]);
    expect(Buffer.from(await whole.arrayBuffer())).toEqual(Buffer.from(await usual.arrayBuffer()));
  });
});
