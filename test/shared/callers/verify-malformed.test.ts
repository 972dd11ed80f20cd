import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { claimsOf } from '../../../shared/callers/verify.ts';
import type { Reason } from '../../../shared/errors.ts';
import { claimsAt, createSigner } from '../../support/caller-tokens.ts';
import { createVerifier } from './verifier.ts';

const ours = createSigner('ours');
const { tenant, verdictOn, lookUps } = createVerifier([ours]);
const claims = claimsAt(tenant.clock.wall());
const header = { alg: 'RS256', typ: 'JWT', kid: 'ours' };
const token = ours.forge(header, claims);
const [head = '', body = '', signature = ''] = token.split('.');
const encode = (text: string) => Buffer.from(text).toString('base64url');
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const refusal = (reason: Reason) => ({ code: 'invalid-token', reason });

/** The same bytes by another last character: the unused bits of base64url set. */
function respell(part: string): string {
  const last = alphabet.indexOf(part.at(-1) ?? '');
  return part.slice(0, -1) + alphabet.charAt(last + 1);
}

describe('a text that is no compact JWS', () => {
  test.each([
    ['nothing', ''],
    ['a word', 'token'],
    ['2 segments', `${head}.${body}`],
    ['2 segments and a dot', `${head}.${body}.`],
    ['4 segments', `${token}.x`],
    ['5 segments, as a JWE has', `${head}.${body}.${signature}.x.y`],
    ['empty segments', '..'],
    ['no payload', `${head}..${signature}`],
    ['padding', `${token}=`],
    ['the base64 alphabet', `${head}.${body}.${signature.slice(0, -1)}+`],
    ['a blank before it', ` ${token}`],
    ['a blank behind it', `${token} `],
    ['a newline behind it', `${token}\n`],
    ['a blank in it', `${head}.${body.slice(0, 9)} ${body.slice(9)}.${signature}`],
    ['a newline in its signature', `${head}.${body}.${signature.slice(0, 9)}\n${signature.slice(9)}`],
    ['a null character', `${token}\0`],
    ['a letter that only looks like one', token.replace('e', 'е')],
    ['a header that is no JSON', `${encode('{')}.${body}.${signature}`],
    ['a header that is a list', `${encode('[]')}.${body}.${signature}`],
    ['a header that is a text', `${encode('"RS256"')}.${body}.${signature}`],
    ['a header that is null', `${encode('null')}.${body}.${signature}`],
    ['a header of invalid UTF-8', `${Buffer.from([0x7b, 0xff, 0x7d]).toString('base64url')}.${body}.${signature}`],
  ])('is refused with %s, and no key is looked up', async (_what, text) => {
    const before = lookUps.length;
    expect(await verdictOn(text)).toEqual(refusal('token-malformed'));
    expect(lookUps).toHaveLength(before);
  });

  test('is refused with its signature in another spelling', async () => {
    expect(Buffer.from(respell(signature), 'base64url')).toEqual(Buffer.from(signature, 'base64url'));
    expect(await verdictOn(`${head}.${body}.${respell(signature)}`)).toEqual(refusal('token-malformed'));
  });

  test('is refused with its header or payload in another spelling', async () => {
    const padded = ours.forge(header, `${JSON.stringify(claims)} `.padEnd(3 * 400 + 1));
    const [first = '', second = '', third = ''] = padded.split('.');
    expect(await verdictOn(padded)).toBe('accepted');
    expect(await verdictOn(`${first}.${respell(second)}.${third}`)).toEqual(refusal('signature'));
  });

  test('is refused, whatever it is', async () => {
    const text = fc.string({ unit: fc.constantFrom(...Array.from('eyJ.0_-+/= \n{}"')), maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(text, async (garbage) => {
        expect(await verdictOn(garbage)).toMatchObject({ code: 'invalid-token' });
      }),
    );
  });
});

describe('the length of a token', () => {
  const sized = (length: number) => {
    const bare = ours.forge(header, { ...claims, pad: '' });
    // Four characters of base64url for three of the payload.
    const pad = 'x'.repeat(Math.floor(((length - bare.length) * 3) / 4));
    return ours.forge(header, { ...claims, pad });
  };

  test('may be that of a token with many roles', async () => {
    const long = [16_383, 16_384, 16_385].map(sized).find(({ length }) => length === 16_384) ?? '';
    expect(await verdictOn(long)).toBe('accepted');
  });

  test('has an end, beyond which nothing is read', async () => {
    const before = lookUps.length;
    expect(await verdictOn('x'.repeat(16_385))).toEqual(refusal('token-too-long'));
    expect(await verdictOn(sized(20_000))).toEqual(refusal('token-too-long'));
    expect(lookUps).toHaveLength(before);
  });
});

describe('a payload that is no set of claims, well signed', () => {
  test.each<[string, unknown]>([
    ['a list', '[]'],
    ['a list of claims', JSON.stringify([claims])],
    ['null', 'null'],
    ['a text', '"app"'],
    ['a number', '1'],
    ['no JSON', 'app'],
    ['JSON and more', `${JSON.stringify(claims)}{}`],
    ['JSON behind a byte order mark twice', `\uFEFF\uFEFF${JSON.stringify(claims)}`],
    ['invalid UTF-8', Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xc3, 0x28]), Buffer.from('"}')])],
    ['UTF-16', Buffer.from(JSON.stringify(claims), 'utf16le')],
  ])('is refused: %s', async (_what, payload) => {
    expect(await verdictOn(ours.forge(header, payload))).toEqual(refusal('claims-malformed'));
  });

  test('is refused when it is an object without claims', async () => {
    expect(await verdictOn(ours.forge(header, '{}'))).toEqual(refusal('issuer'));
  });

  test('inherits no claim', async () => {
    const inherited = `{"__proto__":${JSON.stringify(claims)}}`;
    expect(await verdictOn(ours.forge(header, inherited))).toEqual(refusal('issuer'));
  });
});

describe('what a token says that is known to be good', () => {
  test('is all of its claims', () => {
    expect(claimsOf(token)).toEqual(claims);
  });

  test('is refused where it is no set of claims, as it would have been before', () => {
    expect(() => claimsOf(`${head}.${encode('[]')}.${signature}`)).toThrow('claims-malformed');
    expect(() => claimsOf('token')).toThrow('claims-malformed');
  });
});
