import { describe, expect, test } from '@jest/globals';
import { writeCookie } from '../../../local/host/cookies.ts';

describe('a cookie', () => {
  test.each([
    [{ name: 'a', value: 'b' }, 'a=b; path=/'],
    [{ name: 'a b', value: 'c;d=å' }, 'a%20b=c%3Bd%3D%C3%A5; path=/'],
    [{ name: 'a', value: '', sameSite: 'none' as const }, 'a=; path=/'],
    [
      { name: 'a', value: '', sameSite: 'explicitNone' as const, secure: { value: true }, httpOnly: { value: true } },
      'a=; path=/; secure; samesite=none; httponly',
    ],
    [{ name: 'a', value: '', sameSite: 'strict' as const, secure: { value: false } }, 'a=; path=/; samesite=strict'],
    [
      {
        name: 'a',
        value: '',
        expires: { value: { seconds: 1 } },
        maxAge: { value: 60.9 },
        domain: { value: 'x.se' },
        path: { value: '/p' },
      },
      'a=; expires=Thu, 01 Jan 1970 00:00:01 GMT; max-age=60; domain=x.se; path=/p',
    ],
  ])('%j is written as %j', (cookie, expected) => {
    expect(writeCookie(cookie)).toBe(expected);
  });
});
