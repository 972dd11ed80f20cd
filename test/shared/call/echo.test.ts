import { describe, expect, test } from '@jest/globals';
import { echoesOf } from '../../../shared/call/echo.ts';

const key = 'CANARY0a1b2c3d4e5f60718293a4b5c6';
const token = `eyJ0eXAi.eyJhdWQi-${'x_y'.repeat(40)}.c2lnbmF0dXJl`;
/** Such as a person has chosen. */
const chosen = 'CANARY+a/b=c&d"e';
const echoes = echoesOf([key, token, chosen]);
const utf16 = (text: string) => Buffer.from(text, 'utf16le');
const base64 = (text: string) => Buffer.from(text).toString('base64');

describe('an echo is found', () => {
  test.each([
    ['as it is', `{"key":"${key}"}`],
    ['of any of the secrets', `{"Authorization":"Bearer ${token}"}`],
    ['in capitals', key.toUpperCase()],
    ['in small letters', key.toLowerCase()],
    ['in UTF-16', utf16(`{"key":"${key}"}`)],
    ['in UTF-16, the other way round', utf16(`{"key":"${key}"}`).swap16()],
    ['in hexadecimal', Buffer.from(`x${key}`).toString('hex')],
    ['in capitals of hexadecimal', Buffer.from(`x${key}`).toString('hex').toUpperCase()],
    ['in base64', base64(key)],
    ['in base64, one byte on', base64(`x${key} and more`)],
    ['in base64, two bytes on', base64(`xy${key} and more`)],
    ['in base64url', Buffer.from(`>>>>${chosen}`).toString('base64url')],
    ['in a URL', `?key=${encodeURIComponent(chosen)}`],
    [
      'in a URL, its escapes in small letters',
      `?key=${encodeURIComponent(chosen).toLowerCase().replace('canary', 'CANARY')}`,
    ],
    ['in JSON of .NET', 'CANARY\\u002Ba\\u002Fb\\u003Dc\\u0026d\\u0022e'],
    ['in HTML', 'CANARY&#43;a&#47;b&#61;c&#38;d&#34;e'],
    ['in HTML, in hexadecimal', 'CANARY&#x2B;a&#x2F;b&#x3D;c&#x26;d&#x22;e'],
  ])('%s', (_how, answer) => {
    expect(echoes(Buffer.from(answer))).toBe(true);
  });
});

describe('nothing is found', () => {
  test.each([
    ['in nothing', ''],
    ['in other words', 'from the API'],
    ['of a part', key.slice(0, -1)],
    ['of another', key.replace('0a', '1a')],
    ['in zeros', Buffer.alloc(100_000)],
  ])('%s', (_what, answer) => {
    expect(echoes(Buffer.from(answer))).toBe(false);
  });

  test('where there is no secret', () => {
    expect(echoesOf([])(Buffer.from('anything'))).toBe(false);
  });
});
