import { ConfidentialClientApplication } from '@azure/msal-node';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { createAuthority } from '../../../../local/stand-ins/certificates.ts';
import type { Entra } from '../../../../local/stand-ins/entra/entra.ts';
import type { StandIn } from '../../../../local/stand-ins/server.ts';
import { createManualClock } from '../../../support/manual-clock.ts';
import { apiAudience, apiTenant, brokerAudience, brokerTenant, caller, client, serveEntra } from '../directory.ts';
import { trust } from '../trust.ts';

const goodSecret = 'CANARYc11e47';
let entra: Entra;
let server: StandIn;
let distrust: () => void;
beforeAll(async () => {
  const authority = await createAuthority();
  distrust = trust(authority.caPem);
  ({ entra, server } = await serveEntra({ tls: await authority.issue(['127.0.0.1']) }));
});
afterEach(() => entra.steer({ secret: { client: 'okq8', value: goodSecret }, tokenLifetime: '3599s' }));
afterAll(async () => {
  await server.close();
  distrust();
});

type Body = Record<string, unknown>;
const form = {
  grant_type: 'client_credentials',
  client_id: client.clientId,
  client_secret: goodSecret,
  scope: `${apiAudience}/.default`,
};

const ask = async (
  change: Record<string, string | null> = {},
  { tenant = apiTenant, headers = {} }: { tenant?: string; headers?: Record<string, string> } = {},
): Promise<{ status: number; headers: Headers; body: Body }> => {
  const fields = Object.entries({ ...form, ...change }).filter((field): field is [string, string] => field[1] !== null);
  const answer = await fetch(`${server.url}/${tenant}/oauth2/v2.0/token`, {
    method: 'POST',
    headers,
    body: new URLSearchParams(fields),
  });
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Body };
};

const msal = (clientSecret: string): ConfidentialClientApplication =>
  new ConfidentialClientApplication({
    auth: {
      clientId: client.clientId,
      clientSecret,
      authority: `${server.url}/${apiTenant}`,
      knownAuthorities: [new URL(server.url).host],
    },
  });

describe('MSAL', () => {
  test('gets a token by discovery, for an API by its application ID URI', async () => {
    const result = await msal(goodSecret).acquireTokenByClientCredential({ scopes: [`${apiAudience}/.default`] });
    expect(decodeJwt(result?.accessToken ?? '')).toMatchObject({ aud: apiAudience, azp: client.clientId, ver: '2.0' });
    const lifeMs = (result?.expiresOn?.getTime() ?? 0) - Date.now();
    expect(lifeMs).toBeGreaterThan(3_590_000);
    expect(lifeMs).toBeLessThanOrEqual(3_600_000);
  });

  test('gets a token without discovery when it is told the metadata', async () => {
    const issuer = `${server.url}/${apiTenant}/v2.0`;
    const application = new ConfidentialClientApplication({
      auth: {
        clientId: client.clientId,
        clientSecret: goodSecret,
        authority: `${server.url}/${apiTenant}`,
        knownAuthorities: [new URL(server.url).host],
        authorityMetadata: JSON.stringify({
          issuer,
          token_endpoint: `${server.url}/${apiTenant}/oauth2/v2.0/token`,
          authorization_endpoint: `${server.url}/${apiTenant}/oauth2/v2.0/authorize`,
          jwks_uri: `${server.url}/${apiTenant}/discovery/v2.0/keys`,
        }),
      },
    });
    const result = await application.acquireTokenByClientCredential({ scopes: [`${apiAudience}/.default`] });
    expect(result?.tokenType).toBe('Bearer');
  });

  test.each([
    ['a wrong secret', 'CANARYwrong', `${apiAudience}/.default`, 'invalid_client', 7000215],
    ['another access level', goodSecret, `${apiAudience}/get`, 'invalid_scope', 1002012],
    ['an API that does not exist', goodSecret, 'api://nowhere/.default', 'invalid_resource', 500011],
  ])('understands the refusal of %s', async (_, secret, scope, errorCode, number) => {
    const refused = msal(secret).acquireTokenByClientCredential({ scopes: [scope] });
    await expect(refused).rejects.toMatchObject({
      errorCode,
      errorNo: number,
      errorMessage: expect.stringContaining(`AADSTS${number}`),
    });
  });
});

describe('a token', () => {
  test('is answered with its lifetime, and must not be stored', async () => {
    const { status, headers, body } = await ask();
    expect(status).toBe(200);
    expect(body).toEqual({
      token_type: 'Bearer',
      expires_in: 3599,
      ext_expires_in: 3599,
      access_token: expect.any(String),
    });
    expect(headers.get('cache-control')).toBe('no-store, no-cache');
  });

  test('can be had with HTTP Basic, each half form-encoded', async () => {
    await entra.steer({ secret: { client: 'okq8', value: 'CANARY a:+ö' } });
    const halves = [client.clientId, 'CANARY a:+ö'].map((half) =>
      new URLSearchParams({ half }).toString().slice('half='.length),
    );
    const headers = { authorization: `Basic ${Buffer.from(halves.join(':')).toString('base64')}` };
    expect(await ask({ client_id: null, client_secret: null }, { headers })).toMatchObject({ status: 200 });
  });

  test('lives as long as Entra was told', async () => {
    expect(await entra.steer({ tokenLifetime: '90s' })).toBeUndefined();
    const { body } = await ask();
    const { exp = 0 } = decodeJwt(String(body['access_token']));
    expect(body).toMatchObject({ expires_in: 90, ext_expires_in: 90 });
    expect(exp - Math.floor(Date.now() / 1000)).toBeGreaterThanOrEqual(88);
    expect(exp - Math.floor(Date.now() / 1000)).toBeLessThanOrEqual(90);
  });

  test.each([
    ['its client id', `${brokerAudience}/.default`],
    ['its application ID URI', 'api://token-broker/.default'],
  ])('for the broker can be asked for by %s; its audience is the client id', async (_, scope) => {
    const { body } = await ask(
      { client_id: caller.clientId, client_secret: 'CANARYca11e4', scope },
      { tenant: brokerTenant },
    );
    expect(decodeJwt(String(body['access_token']))).toMatchObject({ aud: brokerAudience, roles: ['Headers.Read'] });
  });

  test('is given to a client that writes its id and its tenant in capitals', async () => {
    expect(await ask({ client_id: client.clientId.toUpperCase() }, { tenant: apiTenant.toUpperCase() })).toMatchObject({
      status: 200,
    });
  });

  test.each(['CANARYca11e4', 'CANARYca11e5'])('is given for either of two secrets: %#', async (client_secret) => {
    const scope = 'api://token-broker/.default';
    expect(await ask({ client_id: caller.clientId, client_secret, scope }, { tenant: brokerTenant })).toMatchObject({
      status: 200,
    });
  });

  test('is given for a new secret until that expires, and no more for the one that it replaced', async () => {
    await entra.steer({ secret: { client: client.clientId, value: 'CANARYnew', expires: '1h' } });
    expect((await ask({ client_secret: 'CANARYnew' })).status).toBe(200);
    expect((await ask()).body['error_codes']).toEqual([7000215]);
  });
});

describe('a refusal', () => {
  test.each<[string, Record<string, string | null>, string, number, string, number]>([
    ['an unknown tenant', {}, 'b9d7e0f0-0000-4000-8000-000000000000', 400, 'invalid_request', 90002],
    ['no grant type', { grant_type: null }, apiTenant, 400, 'invalid_request', 900144],
    ['another grant type', { grant_type: 'password' }, apiTenant, 400, 'unsupported_grant_type', 70003],
    ['no client', { client_id: null }, apiTenant, 400, 'invalid_request', 900144],
    ['no scope', { scope: null }, apiTenant, 400, 'invalid_request', 900144],
    [
      'an unknown app',
      { client_id: 'b9d7e0f0-0000-4000-8000-000000000001' },
      apiTenant,
      400,
      'unauthorized_client',
      700016,
    ],
    ['an app of another tenant', {}, brokerTenant, 400, 'unauthorized_client', 700016],
    [
      'several scopes',
      { scope: `${apiAudience}/.default api://other/.default` },
      apiTenant,
      400,
      'invalid_scope',
      70011,
    ],
    ['another access level', { scope: `${apiAudience}/get` }, apiTenant, 400, 'invalid_scope', 1002012],
    ['an access level without an API', { scope: '/.default' }, apiTenant, 400, 'invalid_scope', 1002012],
    ['no secret', { client_secret: null }, apiTenant, 401, 'invalid_client', 7000216],
    ['a wrong secret', { client_secret: 'CANARYwrong' }, apiTenant, 401, 'invalid_client', 7000215],
    ['an API that does not exist', { scope: 'api://nowhere/.default' }, apiTenant, 400, 'invalid_resource', 500011],
    ['an API of another tenant', { scope: 'api://token-broker/.default' }, apiTenant, 400, 'invalid_resource', 500011],
  ])('of %s', async (_, change, tenant, status, error, code) => {
    const answer = await ask(change, { tenant });
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({ error, error_codes: [code], error_uri: `${server.url}/error?code=${code}` });
    expect(answer.body['error_description']).toMatch(
      new RegExp(
        `^AADSTS${code}: .+ Trace ID: \\S+ Correlation ID: \\S+ Timestamp: \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\dZ$`,
      ),
    );
    expect(JSON.stringify(answer.body)).not.toContain('CANARY');
  });

  test.each([
    ['a secret that expired when Entra was made', {}, { client_secret: 'CANARY01d' }],
    [
      'a secret that expired since',
      { secret: { client: 'okq8', value: 'CANARYolder', expires: '2024-01-01T00:00:00Z' } },
      { client_secret: 'CANARYolder' },
    ],
    [
      'a secret that expires now',
      { secret: { client: 'okq8', value: 'CANARYolder', expires: '0s' } },
      { client_secret: 'CANARYolder' },
    ],
  ])('of %s', async (_, steering, change) => {
    const fresh = await serveEntra({ clock: createManualClock() });
    if ('secret' in steering) await fresh.entra.steer(steering);
    const body = new URLSearchParams({ ...form, ...change });
    const answer = await fetch(`${fresh.server.url}/${apiTenant}/oauth2/v2.0/token`, { method: 'POST', body });
    expect([answer.status, await answer.json()]).toMatchObject([
      401,
      { error: 'invalid_client', error_codes: [7000222] },
    ]);
    await fresh.server.close();
  });

  test('names the trace and the correlation id that the client sent', async () => {
    const correlation = 'a0b1c2d3-0000-4000-8000-00000000000a';
    const url = `${server.url}/${apiTenant}/oauth2/v2.0/token?client-request-id=${correlation}`;
    const body = (await (await fetch(url, { method: 'POST', body: new URLSearchParams({}) })).json()) as Body;
    expect(body['correlation_id']).toBe(correlation);
    expect(body['error_description']).toContain(`Trace ID: ${String(body['trace_id'])} Correlation ID: ${correlation}`);
  });

  test('of a method that is not POST', async () => {
    const answer = await fetch(`${server.url}/${apiTenant}/oauth2/v2.0/token`);
    expect([answer.status, await answer.json()]).toMatchObject([405, { error_codes: [900561] }]);
  });

  test('of a path that Entra does not have', async () => {
    expect((await fetch(`${server.url}/${apiTenant}/oauth2/token`)).status).toBe(404);
  });
});
