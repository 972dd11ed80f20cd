import { describe, expect, test } from '@jest/globals';
import { readQuery, splitPath, splitTarget } from '../../../local/host/target.ts';

describe('splitTarget', () => {
  test.each([
    ['/a/b?c=d?e', { path: '/a/b', search: '?c=d?e' }],
    ['/', { path: '/', search: '' }],
    ['/a?', { path: '/a', search: '?' }],
    ['http://host/a?b', { path: '/a', search: '?b' }],
    ['HTTPS://host', { path: '/', search: '' }],
    ['http://host?b', { path: '/', search: '?b' }],
    ['*', undefined],
    ['a', undefined],
    ['', undefined],
    ['host:443', undefined],
    ['/a#b', undefined],
  ])('splits %j as %j', (target, expected) => {
    expect(splitTarget(target)).toEqual(expected);
  });
});

describe('splitPath', () => {
  test.each([
    ['/', []],
    ['/a', ['a']],
    ['/a/', ['a']],
    ['/a//b', ['a', '', 'b']],
    ['//', ['']],
    ['/a%20b/%C3%A5', ['a b', 'å']],
    ['/%2561', ['%61']],
    ['/a%2Fb%2fc', ['a%2Fb%2fc']],
    ['/%zz%', ['%zz%']],
    ['/%ff', ['%ff']],
    ['/a/../b/./c', ['b', 'c']],
    ['/%2e%2e/../a', ['a']],
    ['/.well-known/x', ['.well-known', 'x']],
    ['/a%00b', undefined],
  ])('decodes %j to %j', (path, expected) => {
    expect(splitPath(path)).toEqual(expected);
  });
});

describe('readQuery', () => {
  test.each([
    ['', []],
    ['?', []],
    [
      '?a=1&b=x%20y+z',
      [
        ['a', '1'],
        ['b', 'x y z'],
      ],
    ],
    ['?a=1&A=2&a=3', [['a', '1,2,3']]],
    ['?flag', [['flag', '']]],
    ['?__proto__=1', [['__proto__', '1']]],
    ['?%zz=%zz', [['%zz', '%zz']]],
  ])('reads %j as %j', (search, expected) => {
    expect(Object.entries(readQuery(search))).toEqual(expected);
  });
});
