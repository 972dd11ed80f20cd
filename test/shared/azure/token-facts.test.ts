import { expect, test } from '@jest/globals';
import { readTokenFacts } from '../../../shared/azure/token-facts.ts';
import { Secret } from '../../../shared/secret.ts';

const tokenOf = (claims: unknown) =>
  new Secret(`e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.CANARYsignature`);
const nothing = {
  audience: undefined,
  roles: [],
  objectId: undefined,
  issuedAt: undefined,
  expiresAt: undefined,
};

test('tells what a token says of itself, and nothing else of it', () => {
  const objectId = '9b012c25-d473-4b1b-86e6-29dceea27a1b';
  const claims = { aud: 'api://a', roles: ['Orders.Read'], oid: objectId, iat: 1_000, exp: 4_600, uti: 'CANARY0' };
  expect(readTokenFacts(tokenOf(claims))).toEqual({
    audience: 'api://a',
    roles: ['Orders.Read'],
    objectId,
    issuedAt: 1_000_000,
    expiresAt: 4_600_000,
  });
});

test.each<[string, Secret]>([
  ['no token', new Secret('CANARY0')],
  ['nothing', new Secret('')],
  ['a list', tokenOf(['CANARY0'])],
  ['members of other types', tokenOf({ aud: ['CANARY0'], roles: 'CANARY0', oid: 7, iat: 'x', exp: 1e300 })],
  ['texts that are no names', tokenOf({ aud: 'a b', roles: ['a\nb', 7, 'x'.repeat(101)], oid: 'x', iat: -1 })],
])('%s says nothing', (_name, token) => {
  expect(readTokenFacts(token)).toEqual(nothing);
});

test('tells no more than twenty roles', () => {
  const roles = Array.from({ length: 50 }, (_, index) => `R${index}`);
  expect(readTokenFacts(tokenOf({ roles })).roles).toHaveLength(20);
});
