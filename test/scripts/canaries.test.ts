import { describe, expect, test } from '@jest/globals';
import { inspect } from 'node:util';
import { findCanaries } from '../../scripts/canaries.ts';

const secret = 'CANARY0123456789abcdef';
const bytes = Buffer.from(secret);
const base64After = (before: string) => Buffer.from(`${before}${secret}, and more`).toString('base64');
const encodeAll = (text: string) => Array.from(Buffer.from(text), (byte) => `%${byte.toString(16)}`).join('');

describe('the search for secrets', () => {
  test.each([
    ['as it is', secret, 'plain'],
    ['in JSON', JSON.stringify({ value: secret }), 'plain'],
    ['as a query', new URLSearchParams({ key: secret }).toString(), 'plain'],
    ['URL-encoded, each letter', encodeAll(secret), 'URL-encoded'],
    ['URL-encoded in capitals', encodeAll(secret).toUpperCase(), 'URL-encoded'],
    ['URL-encoded twice', encodeURIComponent(encodeAll(secret)), 'URL-encoded'],
    ['in base64', base64After(''), 'base64 at offset 0'],
    ['in base64, one byte in', base64After('a'), 'base64 at offset 1'],
    ['in base64, two bytes in', base64After('ab'), 'base64 at offset 2'],
    ['in base64url', Buffer.from(`??>${secret}`).toString('base64url'), 'base64 at offset 0'],
    ['in a token’s claims', Buffer.from(JSON.stringify({ uti: secret })).toString('base64url'), 'base64 at offset 2'],
    ['in a Basic header', `Basic ${Buffer.from(`a@example.com:${secret}`).toString('base64')}`, 'base64 at offset 2'],
    ['in base64 in base64', Buffer.from(base64After('a')).toString('base64'), 'base64 at offset 1, twice'],
    ['in hexadecimal', bytes.toString('hex'), 'hexadecimal'],
    ['in capitals of hexadecimal', bytes.toString('hex').toUpperCase(), 'hexadecimal'],
    ['as a buffer that is printed', inspect(bytes), 'hexadecimal'],
    ['as a buffer in JSON', JSON.stringify(bytes), 'bytes'],
    ['as bytes that are printed', Array.from(bytes).join(', '), 'bytes'],
    ['with escapes', Array.from(secret, (letter) => `\\u00${letter.charCodeAt(0).toString(16)}`).join(''), 'escaped'],
  ])('finds one %s', (_what, text, form) => {
    const found = findCanaries(`before ${text} after`);
    expect(found.map((line) => line.replace(/, after ".*/s, ''))).toContain(form);
    expect(found.join()).not.toContain('0123456789');
  });

  test.each(['the word CANARY alone', 'a CANARY.', 'CANARY-key', 'CANARYfrom', 'Q0FOQVJ', 'C A N A R Y 0 1 2 3'])(
    'leaves %j alone',
    (text) => {
      expect(findCanaries(text)).toEqual([]);
    },
  );

  test('finds each of several', () => {
    expect(findCanaries(`${secret} ${secret}\n${base64After('')}`)).toHaveLength(3);
  });
});
