import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { orRefusal } from '../../scripts/fuzz/target.ts';
import { readTokenFacts } from '../../shared/azure/token-facts.ts';
import { validateClaims } from '../../shared/callers/claims.ts';
import { readPrincipal } from '../../shared/callers/operator-principal.ts';
import { guidPattern } from '../../shared/names.ts';
import { Secret } from '../../shared/secret.ts';
import { createVerifier } from '../shared/callers/verifier.ts';
import { claimsAt, createSigner, expected, type Members } from '../support/caller-tokens.ts';
import { credential, json, few, some, toGuid, writtenGuid } from './arbitraries.ts';

const now = Date.UTC(2026, 10, 24, 3);
const base = claimsAt(now);
const roles = fc.array(fc.stringMatching(/^[\w.]{1,20}$/), { maxLength: 5 });
const seconds = now / 1_000;
/** What Entra writes: in force at `now`, with at most a minute between the clocks. */
const goodClaims = fc
  .record({
    azp: writtenGuid,
    oid: writtenGuid,
    roles,
    iat: fc.integer({ min: seconds - 86_400, max: seconds + 60 }),
    nbf: fc.integer({ min: seconds - 86_400, max: seconds + 60 }),
    exp: fc.integer({ min: seconds + 61, max: seconds + 86_400 }),
  })
  .map((changes): Members => ({ ...base, ...changes }));
const changed = fc
  .tuple(goodClaims, fc.constantFrom(...Object.keys(base)), json)
  .map(([claims, name, value]): Members => ({ ...claims, [name]: value }));
const read = (claims: Members, at = now) => orRefusal(() => validateClaims(claims, expected, at));

describe('claims', () => {
  test('are read as Entra writes them, ids in lower case and times in milliseconds', () => {
    fc.assert(
      fc.property(goodClaims, (claims) => {
        expect(read(claims)).toEqual({
          kind: 'app-only',
          clientId: toGuid(String(claims['azp'])),
          objectId: toGuid(String(claims['oid'])),
          roles: claims['roles'],
          expiresAt: Number(claims['exp']) * 1_000,
        });
      }),
      some,
    );
  });

  test('with one of them changed are refused as documented, or what is accepted holds', () => {
    fc.assert(
      fc.property(changed, (claims) => {
        const accepted = read(claims);
        if (!accepted) return;
        expect([accepted.clientId, accepted.objectId].every((id) => guidPattern.test(id))).toBe(true);
        expect(accepted.expiresAt).toBeGreaterThan(now);
        expect(accepted.roles.every((role) => typeof role === 'string')).toBe(true);
        expect([claims['iss'], claims['aud'], claims['ver']]).toEqual([expected.issuer, expected.audience, '2.0']);
      }),
      some,
    );
  });

  test('that are good stay so until they expire, and never after', () => {
    fc.assert(
      fc.property(goodClaims, fc.nat(), (claims, later) => {
        const end = Number(claims['exp']) * 1_000;
        const at = now + later;
        expect(read(claims, at) !== undefined).toBe(at < end);
        expect([read(claims, end - 1) !== undefined, read(claims, end)]).toEqual([true, undefined]);
      }),
      some,
    );
  });
});

describe('a token', () => {
  const signer = createSigner('ours');
  const { tenant, verify, verdictOn } = createVerifier([signer]);
  const header = { alg: 'RS256', typ: 'JWT', kid: 'ours' };
  const good = signer.forge(header, claimsAt(tenant.clock.wall()));

  test('is read as it was signed, whatever else it claims', async () => {
    const more = fc.dictionary(fc.stringMatching(/^x_\w{1,9}$/), json, { maxKeys: 3 });
    const property = fc.asyncProperty(writtenGuid, roles, more, async (azp, given, others) => {
      const claims = claimsAt(tenant.clock.wall(), { ...others, azp, roles: given });
      expect(await verify(signer.forge(header, claims))).toMatchObject({ clientId: toGuid(azp), roles: given });
    });
    await fc.assert(property, few);
  });

  test('with any one character changed, left out or added is refused', async () => {
    const character = fc.constantFrom('', ...Array.from('Aa0_-.= /+é\n\0'));
    const at = fc.nat(good.length - 1);
    const property = fc.asyncProperty(at, character, fc.boolean(), async (place, other, isAdded) => {
      const text = good.slice(0, place) + other + good.slice(isAdded ? place : place + 1);
      fc.pre(text !== good);
      expect(await verdictOn(text)).toMatchObject({ code: 'invalid-token' });
    });
    await fc.assert(property, { numRuns: 300 });
  });

  test('tells people what it says of itself, and nothing that it does not say as it should be', () => {
    const facts = fc.record({ aud: credential, roles, oid: writtenGuid, iat: fc.nat(4e9), exp: fc.nat(4e9) });
    const tell = (claims: unknown) =>
      readTokenFacts(new Secret(`e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.x`));
    fc.assert(
      fc.property(facts, json, ({ aud, oid, iat, exp, roles: given }, odd) => {
        const told = {
          audience: aud,
          roles: given,
          objectId: toGuid(oid),
          issuedAt: iat * 1_000,
          expiresAt: exp * 1_000,
        };
        expect(tell({ aud, oid, iat, exp, roles: given })).toEqual(told);
        expect(JSON.stringify(tell({ aud: [odd], oid: [odd], iat: [odd], exp: [odd], roles: [[odd]] }))).toBe(
          '{"roles":[]}',
        );
      }),
      some,
    );
  });
});

test('a principal is read as App Service writes it, in either naming, whatever stands between', () => {
  const namings = [
    ['tid', 'oid', 'roles'],
    [
      'http://schemas.microsoft.com/identity/claims/tenantid',
      'http://schemas.microsoft.com/identity/claims/objectidentifier',
      'http://schemas.microsoft.com/ws/2008/06/identity/claims/role',
    ],
  ] as const;
  const other = fc.record({ typ: fc.constantFrom('name', 'aud', 'ver', 'OID', ''), val: fc.string() });
  const written = fc.tuple(writtenGuid, roles, fc.constantFrom(...namings), fc.array(other), fc.nat());
  fc.assert(
    fc.property(written, ([oid, given, [tenantType = '', objectType = '', roleType = ''], others, turn]) => {
      const claims = [
        { typ: tenantType, val: expected.tenantId.toUpperCase() },
        { typ: objectType, val: oid },
        ...given.map((val) => ({ typ: roleType, val })),
      ];
      const at = turn % (claims.length + 1);
      const principal = { auth_typ: 'aad', claims: claims.toSpliced(at, 0, ...others) };
      const header = Buffer.from(JSON.stringify(principal)).toString('base64');
      expect(readPrincipal(header, expected.tenantId)).toEqual({ objectId: toGuid(oid), roles: given });
    }),
    some,
  );
});
