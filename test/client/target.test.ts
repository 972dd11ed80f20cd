import { describe, expect, test } from '@jest/globals';
import { targetOf } from '../../client/target.ts';

const base = 'https://api.test:8443/core/v1';

describe('a path', () => {
  test.each([
    ['', base],
    ['/', `${base}/`],
    ['ping', `${base}/ping`],
    ['/ping', `${base}/ping`],
    ['/ping?a=b&c=../d', `${base}/ping?a=b&c=../d`],
    ['?a=b', `${base}?a=b`],
    ['/a/../b', `${base}/b`],
    ['/a/./b', `${base}/a/b`],
    ['/a//b', `${base}/a//b`],
    ['/items:batch', `${base}/items:batch`],
    ['/a%20b%2Fc', `${base}/a%20b%2Fc`],
    ['/100%25', `${base}/100%25`],
    ['/100%25/a%20b', `${base}/100%25/a%20b`],
    ['/50%2525', `${base}/50%2525`],
    ['/a..b/...', `${base}/a..b/...`],
    ['/@other.test/', `${base}/@other.test/`],
    ['/å', `${base}/%C3%A5`],
  ])('%j is called at %s', (path, url) => {
    expect(targetOf(base, path)).toBe(url);
    expect(targetOf(`${base}/`, path).replace('/v1//', '/v1/')).toBe(url);
  });

  test.each([
    'https://other.test/',
    'HTTPS:other',
    'javascript:alert(1)',
    'items:batch',
    '//other.test/',
    '///other.test/',
    '/\\other.test',
    '\\\\other.test',
    'a\\..\\..\\b',
    '..',
    '../admin',
    '/../admin',
    '/a/../../admin',
    '/..',
    '/../v2',
    '/../v10',
    '/%2e%2e/admin',
    '/%2E./admin',
    '/a/.%2e/.%2e/admin',
    '/..%2fadmin',
    '/..%2Fadmin',
    '/..%5cadmin',
    '/a%2f..%2f..%2fadmin',
    '/%252e%252e/admin',
    '/%252e%252e%252fadmin',
    '/..%252fadmin',
    '/..%25252fadmin',
    '/..;/admin',
    '/..;a=b/admin',
    '/%2e%2e;/admin',
    '/%c0%ae%c0%ae/admin',
    '/100%25/%252e%252e/%252e%252e/admin',
    '/a%25/..%252f..%252fadmin',
    '/%25%c0%ae/admin',
    '/%25/%25c0%25ae%25c0%25ae/admin',
    '/%u002e%u002e/admin',
    '/%25u002e%25u002e/admin',
    '/..%20/admin',
    '/%2e%2e%09/admin',
    '/%ef%bc%8e%ef%bc%8e/admin',
    '/%e2%80%a5/admin',
    '/..%ef%bc%8fadmin',
    '/%zz',
    '/.\t./admin',
    '/.\n./admin',
    '/a\u0000b',
    '/a\u007Fb',
    undefined as never,
    {} as never,
  ])('%j is refused', (path) => {
    expect(() => targetOf(base, path)).toThrow(expect.objectContaining({ code: 'path-refused' }));
  });

  test('is called below a base URL without a path of its own', () => {
    expect(targetOf('https://api.test', '/a/../b')).toBe('https://api.test/b');
    expect(targetOf('https://api.test/', 'a')).toBe('https://api.test/a');
  });
});
