import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { Reason } from '../../../shared/errors.ts';
import { claimsAt, compact, createSigner, hmacWith, signWith, type Members } from '../../support/caller-tokens.ts';
import { createVerifier } from './verifier.ts';

const ours = createSigner('ours');
const attacker = createSigner('ours');
const stranger = createSigner('stranger');
const weakPair = generateKeyPairSync('rsa', { modulusLength: 1_024 });
const weakJwk = { ...weakPair.publicKey.export({ format: 'jwk' }), kty: 'RSA', kid: 'weak' };

const { tenant, verdictOn } = createVerifier([ours, { ...ours, kid: 'weak', jwk: weakJwk }]);
const claims = claimsAt(tenant.clock.wall());
const header = { alg: 'RS256', typ: 'JWT', kid: 'ours' };
const withHeader = (changes: Members) => ours.forge({ ...header, ...changes }, claims);
const nothing = () => Buffer.alloc(0);
const swap = (token: string, part: number, text: string) =>
  token
    .split('.')
    .map((old, index) => (index === part ? text : old))
    .join('.');
const refusal = (reason: Reason) => ({ code: 'invalid-token', reason });

describe('a token', () => {
  test('that the tenant signed is accepted, so that the refusals below are for what they name', async () => {
    expect(await verdictOn(ours.forge(header, claims))).toBe('accepted');
    expect(await verdictOn(await ours.mint(claims))).toBe('accepted');
    expect(await verdictOn(withHeader({ typ: 'at+jwt' }))).toBe('accepted');
  });

  test.each<[string, string, Reason]>([
    ['without a signature, by alg none', compact({ ...header, alg: 'none' }, claims, nothing), 'token-malformed'],
    ['by alg none with somebody’s signature', withHeader({ alg: 'none' }), 'token-header'],
    ['by alg NONE', withHeader({ alg: 'NONE' }), 'token-header'],
    [
      'by HS256 with the public key as its secret',
      compact({ ...header, alg: 'HS256' }, claims, hmacWith(ours.publicPem)),
      'token-header',
    ],
    [
      'by HS256 with the modulus as its secret',
      compact({ ...header, alg: 'HS256' }, claims, hmacWith(ours.jwk.n ?? '')),
      'token-header',
    ],
    [
      'that says RS256 and is an HMAC with the public key',
      compact(header, claims, hmacWith(ours.publicPem)),
      'signature',
    ],
    ['by RS384', withHeader({ alg: 'RS384' }), 'token-header'],
    ['by PS256', withHeader({ alg: 'PS256' }), 'token-header'],
    ['by alg rs256', withHeader({ alg: 'rs256' }), 'token-header'],
    ['by alg [RS256]', withHeader({ alg: ['RS256'] }), 'token-header'],
    ['without alg', withHeader({ alg: undefined }), 'token-header'],
    ['signed by an attacker under our kid', attacker.forge(header, claims), 'signature'],
    [
      'signed by a key that the tenant does not publish',
      stranger.forge({ ...header, kid: 'stranger' }, claims),
      'signing-key-unknown',
    ],
    [
      'signed by a weak key, though the tenant publishes it',
      compact({ ...header, kid: 'weak' }, claims, signWith(weakPair.privateKey)),
      'signing-key-unknown',
    ],
    ['without kid', withHeader({ kid: undefined }), 'token-header'],
    ['with an empty kid', withHeader({ kid: '' }), 'token-header'],
    ['with a kid that is too long', withHeader({ kid: 'x'.repeat(129) }), 'token-header'],
    ['with the longest kid, which nobody has', withHeader({ kid: 'x'.repeat(128) }), 'signing-key-unknown'],
    ['with a kid that is no text', withHeader({ kid: 1 }), 'token-header'],
    ['with a kid that every object has', withHeader({ kid: '__proto__' }), 'signing-key-unknown'],
    ['with an empty crit', withHeader({ crit: [] }), 'token-header'],
    ['with crit', withHeader({ crit: ['exp'], exp: 1 }), 'token-header'],
    ['with an unencoded payload (RFC 7797)', withHeader({ crit: ['b64'], b64: false }), 'token-header'],
    ['with crit null', withHeader({ crit: null }), 'token-header'],
    ['without typ', withHeader({ typ: undefined }), 'token-header'],
    ['that is an ID token’s kin', withHeader({ typ: 'logout+jwt' }), 'token-header'],
    ['with typ as a list', withHeader({ typ: ['JWT'] }), 'token-header'],
  ])('%s is refused', async (_what, token, reason) => {
    expect(await verdictOn(token)).toEqual(refusal(reason));
  });

  const { origin } = new URL('https://attacker.example');
  test.each<[string, Members]>([
    ['jwk', { jwk: attacker.jwk }],
    ['jku', { jku: `${origin}/keys` }],
    ['x5u', { x5u: `${origin}/cert` }],
    ['x5c', { x5c: ['MIIB'] }],
    ['x5t', { x5t: 'x' }],
  ])('has no say in which key verifies it, by %s', async (_name, changes) => {
    const before = tenant.state.fetches;
    expect(await verdictOn(attacker.forge({ ...header, ...changes }, claims))).toEqual(refusal('signature'));
    expect(await verdictOn(withHeader(changes))).toBe('accepted');
    expect(tenant.state.fetches).toBe(before);
  });

  test('changed after it was signed is refused, in any of its parts', async () => {
    const token = ours.forge(header, claims);
    const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
    expect(await verdictOn(swap(token, 1, encode({ ...claims, roles: ['Operations.Write'] })))).toEqual(
      refusal('signature'),
    );
    expect(await verdictOn(swap(token, 0, encode({ ...header, more: 1 })))).toEqual(refusal('signature'));
    expect(await verdictOn(swap(token, 2, Buffer.alloc(256, 7).toString('base64url')))).toEqual(refusal('signature'));
    expect(await verdictOn(swap(token, 2, Buffer.alloc(255, 7).toString('base64url')))).toEqual(refusal('signature'));
  });

  test('of a good signature and wrong claims is refused for its claims', async () => {
    expect(await verdictOn(ours.forge(header, { ...claims, aud: 'api://other' }))).toEqual(refusal('audience'));
  });

  test('with a claim that stands twice counts as its last says (RFC 7519, section 4)', async () => {
    const text = JSON.stringify(claims);
    const twice = (first: string, last: string) =>
      ours.forge(header, `{"idtyp":"${first}",${text.slice(1).replace('"app"', `"${last}"`)}`);
    expect(await verdictOn(twice('user', 'app'))).toBe('accepted');
    expect(await verdictOn(twice('app', 'user'))).toEqual(refusal('not-app-only'));
  });
});
