import { describe, expect, test } from '@jest/globals';
import { readQuery } from '../../../shared/http/query.ts';

const read = (query: string, allowed = ['access']) =>
  Object.fromEntries(readQuery(`https://broker.example/v1/headers/core${query}`, allowed));
const refused = (reason: string) => expect.objectContaining({ code: 'invalid-request', reason });

describe('a query', () => {
  test.each([
    ['', {}],
    ['?', {}],
    ['?&', {}],
    ['?access=get', { access: 'get' }],
    ['?access=', { access: '' }],
    ['?access', { access: '' }],
    ['?access=.default&', { access: '.default' }],
    ['?%61ccess=get', { access: 'get' }],
    ['?access=a%20b', { access: 'a b' }],
    ['?access=a+b', { access: 'a b' }],
    ['?access=a=b', { access: 'a=b' }],
    ['?access=%', { access: '%' }],
    ['?access=a?b', { access: 'a?b' }],
  ])('%j is read', (query, expected) => {
    expect(read(query)).toEqual(expected);
  });

  test.each([
    '?tenant=x',
    '?access=get&tenant=x',
    '?Access=get',
    '?access%20=get',
    '?access[]=get',
    '?=x',
    '?code=function-key',
    '?subscription-key=x',
    '?__proto__=x',
    '?toString=x',
  ])('%j is refused for what it does not know', (query) => {
    expect(() => read(query)).toThrow(refused('query-unknown'));
  });

  test.each(['?access=get&access=get', '?access=get&access=post', '?access=get&%61ccess=', '?access&access'])(
    '%j is refused for what stands twice',
    (query) => {
      expect(() => read(query)).toThrow(refused('query-repeated'));
    },
  );

  test('is refused whole where nothing is allowed', () => {
    expect(() => read('?access=get', [])).toThrow(refused('query-unknown'));
    expect(read('', [])).toEqual({});
  });
});
