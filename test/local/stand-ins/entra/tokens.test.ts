import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createLocalJWKSet, createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import type { JSONWebKeySet } from 'jose';
import type { Entra } from '../../../../local/stand-ins/entra/entra.ts';
import type { KeyName } from '../../../../local/stand-ins/entra/keys.ts';
import type { StandIn } from '../../../../local/stand-ins/server.ts';
import { createManualClock } from '../../../support/manual-clock.ts';
import type { ManualClock } from '../../../support/manual-clock.ts';
import {
  apiAudience,
  apiTenant,
  brokerAudience,
  brokerTenant,
  caller,
  client,
  identity,
  serveEntra,
} from '../directory.ts';

let clock: ManualClock;
let entra: Entra;
let server: StandIn;
beforeEach(async () => {
  clock = createManualClock({ wall: Date.now() });
  ({ entra, server } = await serveEntra({ clock }));
});
afterEach(() => server.close());

const mint = (spec: Partial<Parameters<Entra['mint']>[0]> = {}): Promise<string> =>
  entra.mint({ subject: caller, audience: brokerAudience, ...spec });
const fetchKeys = async (): Promise<JSONWebKeySet> =>
  (await fetch(`${server.url}/${brokerTenant}/discovery/v2.0/keys`)).json() as Promise<JSONWebKeySet>;
const isAccepted = async (token: string): Promise<boolean> => {
  const keys = createLocalJWKSet(await fetchKeys());
  return jwtVerify(token, keys, { issuer: `${server.url}/${brokerTenant}/v2.0`, audience: brokerAudience }).then(
    () => true,
    () => false,
  );
};

describe('a v2 token', () => {
  test('says what Entra says, and jose verifies it by the keys that the metadata names', async () => {
    const metadata = (await (
      await fetch(`${server.url}/${brokerTenant}/v2.0/.well-known/openid-configuration`)
    ).json()) as { issuer: string; jwks_uri: string };
    const keys = createRemoteJWKSet(new URL(metadata.jwks_uri));
    const { payload, protectedHeader } = await jwtVerify(await mint(), keys, {
      issuer: metadata.issuer,
      audience: brokerAudience,
      algorithms: ['RS256'],
    });
    const now = Math.floor(clock.wall() / 1000);
    expect(payload).toEqual({
      aud: brokerAudience,
      iss: `${server.url}/${brokerTenant}/v2.0`,
      iat: now - 300,
      nbf: now - 300,
      exp: now + 3599,
      azp: caller.clientId,
      azpacr: '1',
      oid: caller.objectId,
      sub: caller.objectId,
      roles: ['Headers.Read'],
      idtyp: 'app',
      tid: brokerTenant,
      uti: expect.stringMatching(/^CANARY[0-9a-f]{32}$/),
      ver: '2.0',
    });
    expect(protectedHeader).toEqual({ typ: 'JWT', alg: 'RS256', kid: expect.any(String), x5t: protectedHeader.kid });
  });

  test('of an app without a role has no roles, and that of a tenant alone names no app', async () => {
    expect(decodeJwt(await mint({ subject: client, audience: apiAudience }))).not.toHaveProperty('roles');
    const nobody = decodeJwt(await mint({ subject: { tenantId: brokerTenant } }));
    expect(nobody).toMatchObject({ tid: brokerTenant, ver: '2.0' });
    for (const claim of ['azp', 'oid', 'sub', 'roles']) expect(nobody).not.toHaveProperty(claim);
  });
});

test('a v1 token has the v1 names and issuer', async () => {
  const claims = decodeJwt(await mint({ subject: identity, audience: 'https://vault.azure.net', version: 1 }));
  expect(claims).toMatchObject({
    iss: `https://sts.windows.net/${brokerTenant}/`,
    appid: identity.clientId,
    appidacr: '2',
    ver: '1.0',
  });
  expect(claims).not.toHaveProperty('azp');
});

describe('minting', () => {
  test('replaces claims and header members, and takes away those that are null', async () => {
    const token = await mint({
      claims: { aud: ['a', 'b'], exp: null, idtyp: 'user' },
      header: { typ: 'at+jwt', kid: null },
    });
    expect(decodeJwt(token)).toMatchObject({ aud: ['a', 'b'], idtyp: 'user' });
    expect(decodeJwt(token)).not.toHaveProperty('exp');
    expect(decodeProtectedHeader(token)).toMatchObject({ typ: 'at+jwt', alg: 'RS256' });
    expect(decodeProtectedHeader(token)).not.toHaveProperty('kid');
  });

  test('with an attacker’s key claims the current key’s id, and nobody accepts it', async () => {
    const token = await mint({ key: 'attacker' });
    expect(decodeProtectedHeader(token).kid).toBe(decodeProtectedHeader(await mint()).kid);
    expect(await isAccepted(token)).toBe(false);
    expect(await entra.verify(token, brokerAudience)).toEqual({ ok: false, reason: 'signature' });
  });

  test('with a weak key signs with 1024 bits, which are published from then on', async () => {
    expect((await fetchKeys()).keys).toHaveLength(1);
    const { kid } = decodeProtectedHeader(await mint({ key: 'weak' }));
    const weak = (await fetchKeys()).keys.find((key) => key.kid === kid);
    expect(Buffer.from(weak?.n ?? '', 'base64url')).toHaveLength(128);
    await mint({ key: 'weak' });
    expect((await fetchKeys()).keys).toHaveLength(2);
  });

  test('with no key signs nothing and says so', async () => {
    const token = await mint({ key: 'none' });
    expect(token.endsWith('.')).toBe(true);
    expect(decodeProtectedHeader(token)).toEqual({ typ: 'JWT', alg: 'none' });
    expect(await entra.verify(token, brokerAudience)).toEqual({ ok: false, reason: 'signature' });
  });

  test('with the previous key fails before there is one', async () => {
    await expect(mint({ key: 'previous' })).rejects.toThrow(RangeError);
  });
});

describe('the key set', () => {
  test('names for each key its use and its issuer, and shows nothing private', async () => {
    const { keys } = await fetchKeys();
    expect(keys).toEqual([
      {
        kty: 'RSA',
        use: 'sig',
        kid: expect.any(String),
        x5t: keys[0]?.kid,
        n: expect.any(String),
        e: 'AQAB',
        issuer: `${server.url}/${brokerTenant}/v2.0`,
      },
    ]);
    expect(Buffer.from(keys[0]?.n ?? '', 'base64url')).toHaveLength(256);
  });

  test('after a roll-over signs with a new key beside the previous one, until that is dropped', async () => {
    const before = await mint();
    expect(await entra.steer({ rollKeys: true })).toBeUndefined();
    const signs = async (key: KeyName): Promise<boolean> => isAccepted(await mint({ key }));
    expect(decodeProtectedHeader(await mint()).kid).not.toBe(decodeProtectedHeader(before).kid);
    expect([await isAccepted(before), await signs('current'), await signs('previous')]).toEqual([true, true, true]);
    expect(await entra.steer({ dropKeys: true })).toBeUndefined();
    expect([await isAccepted(before), await signs('current'), await signs('previous')]).toEqual([false, true, false]);
  });

  test.each(['v2.0/.well-known/openid-configuration', 'discovery/v2.0/keys'])(
    'of an unknown tenant is refused at %s',
    async (path) => {
      const answer = await fetch(`${server.url}/b9d7e0f0-0000-4000-8000-000000000000/${path}`);
      expect([answer.status, await answer.json()]).toMatchObject([
        400,
        { error: 'invalid_tenant', error_codes: [90002] },
      ]);
    },
  );

  test.each(['v2.0/.well-known/openid-configuration', 'discovery/v2.0/keys'])('is only read, at %s', async (path) => {
    const answer = await fetch(`${server.url}/${brokerTenant}/${path}`, { method: 'POST' });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET']);
  });
});

test('instance discovery names the tenant’s metadata and this host', async () => {
  const asked = `${server.url}/common/discovery/instance?api-version=1.1&authorization_endpoint=${encodeURIComponent(`${server.url}/${apiTenant}/oauth2/v2.0/authorize`)}`;
  const { host } = new URL(server.url);
  expect(await (await fetch(asked)).json()).toMatchObject({
    tenant_discovery_endpoint: `${server.url}/${apiTenant}/v2.0/.well-known/openid-configuration`,
    metadata: [{ preferred_network: host, aliases: [host] }],
  });
});

describe('verification', () => {
  test('accepts a good token for its audience, or for one of several', async () => {
    const token = await mint();
    expect(await entra.verify(token, brokerAudience)).toMatchObject({ ok: true, claims: { oid: caller.objectId } });
    expect(await entra.verify(token, ['x', brokerAudience])).toMatchObject({ ok: true });
  });

  test('accepts a v1 token', async () => {
    const token = await mint({ subject: identity, audience: 'https://vault.azure.net', version: 1 });
    expect(await entra.verify(token, 'https://vault.azure.net')).toMatchObject({ ok: true });
  });

  test.each<[string, Partial<Parameters<Entra['mint']>[0]>, string]>([
    ['a key that was never published', { header: { kid: 'unknown' } }, 'signature'],
    ['another algorithm', { header: { alg: 'HS256' } }, 'signature'],
    ['an issuer that is not its tenant’s', { claims: { iss: `https://sts.windows.net/${apiTenant}/` } }, 'issuer'],
    ['a tenant that Entra does not have', { claims: { tid: 'x', iss: 'https://sts.windows.net/x/' } }, 'issuer'],
    ['another audience', { claims: { aud: apiAudience } }, 'audience'],
    ['several audiences', { claims: { aud: [brokerAudience] } }, 'audience'],
    ['no expiry', { claims: { exp: null } }, 'expired'],
    ['an expiry that is no number', { claims: { exp: '9999999999' } }, 'expired'],
    ['a beginning in the future', { claims: { nbf: 9_999_999_999 } }, 'expired'],
  ])('refuses %s', async (_, spec, reason) => {
    expect(await entra.verify(await mint(spec), brokerAudience)).toMatchObject({ ok: false, reason });
  });

  test('refuses a token from the second on in which it expires', async () => {
    const token = await mint({ lifetimeMs: 10_000 });
    const { exp = 0 } = decodeJwt(token);
    await clock.advance(exp * 1000 - clock.wall() - 1);
    expect(await entra.verify(token, brokerAudience)).toMatchObject({ ok: true });
    await clock.advance(1);
    expect(await entra.verify(token, brokerAudience)).toMatchObject({ ok: false, reason: 'expired' });
  });

  test.each(['', 'a', 'a.b.c', '..', 'e30.e30.', 'bnVsbA.bnVsbA.x', 'e30.W10.x', 'e30.e30.x.y'])(
    'refuses what is no token: %j',
    async (token) => {
      expect(await entra.verify(token, brokerAudience)).toMatchObject({ ok: false });
    },
  );

  test('refuses a good token with something behind it', async () => {
    expect(await entra.verify(`${await mint()}.x`, brokerAudience)).toEqual({ ok: false, reason: 'malformed' });
  });

  test('refuses a token whose claims were changed', async () => {
    const [head, , signature] = (await mint()).split('.');
    const claims = Buffer.from(JSON.stringify({ aud: brokerAudience })).toString('base64url');
    expect(await entra.verify(`${head}.${claims}.${signature}`, brokerAudience)).toEqual({
      ok: false,
      reason: 'signature',
    });
  });

  test('refuses every token made before a revocation, and no later one', async () => {
    const [before, withoutUti] = await Promise.all([mint(), mint({ claims: { uti: 'x' } })]);
    expect(await entra.verify(withoutUti, brokerAudience)).toMatchObject({ ok: true });
    expect(await entra.steer({ revokeTokens: true })).toBeUndefined();
    expect(await entra.verify(before, brokerAudience)).toMatchObject({ ok: false, reason: 'revoked' });
    expect(await entra.verify(withoutUti, brokerAudience)).toMatchObject({ ok: false, reason: 'revoked' });
    expect(await entra.verify(await mint(), brokerAudience)).toMatchObject({ ok: true });
  });
});

describe('steering', () => {
  test.each<[string, unknown, string]>([
    ['nothing', {}, 'name at least one of'],
    ['something unknown', { rollKey: true }, 'rollKey'],
    ['a lifetime that is no duration', { tokenLifetime: 90 }, 'tokenLifetime'],
    ['a lifetime without a unit', { tokenLifetime: '90' }, 'tokenLifetime: must be a duration'],
    ['false where only true makes sense', { rollKeys: false }, 'rollKeys'],
    ['an empty secret', { secret: { client: 'okq8', value: '' } }, 'secret.value'],
    [
      'an expiry that is no moment',
      { secret: { client: 'okq8', value: 'CANARYx', expires: 'soon' } },
      'secret.expires: must be a duration from now',
    ],
    ['an unknown client', { secret: { client: 'nobody', value: 'CANARYx' } }, 'there are okq8, billing, token-broker'],
    ['no object', 'rollKeys', 'object'],
  ])('refuses %s and does nothing', async (_, body, reason) => {
    const before = await fetchKeys();
    expect(await entra.steer(body)).toEqual({ reason: expect.stringContaining(reason) });
    expect(await fetchKeys()).toEqual(before);
  });

  test('refuses a call as a whole when a part of it is wrong', async () => {
    await entra.steer({ rollKeys: true, secret: { client: 'nobody', value: 'CANARYx' } });
    expect((await fetchKeys()).keys).toHaveLength(1);
  });
});
