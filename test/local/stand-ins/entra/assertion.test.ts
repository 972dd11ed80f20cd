import { createPrivateKey, X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decodeJwt, SignJWT } from 'jose';
import { issueClientCertificate } from '../../../../local/stand-ins/certificates.ts';
import type { Entra } from '../../../../local/stand-ins/entra/entra.ts';
import type { StandIn } from '../../../../local/stand-ins/server.ts';
import { createManualClock } from '../../../support/manual-clock.ts';
import { apiAudience, apiTenant, client, serveEntra } from '../directory.ts';

/** How Entra judges what a client proves itself with in place of a secret. */

type Issued = Awaited<ReturnType<typeof issueClientCertificate>>;
const clock = createManualClock({ wall: Date.now() });
let entra: Entra;
let server: StandIn;
let [good, other, old]: Issued[] = [];
beforeAll(async () => {
  ({ entra, server } = await serveEntra({ clock }));
  [good, other, old] = await Promise.all([365, 365, -1].map((days) => issueClientCertificate('okq8', days)));
  await entra.steer({ certificate: { client: 'okq8', pem: good?.cert } });
});
afterAll(() => server.close());

const seconds = () => Math.floor(clock.wall() / 1_000);
const tokenUrl = () => `${server.url}/${apiTenant}/oauth2/v2.0/token`;

/** An assertion as MSAL writes it, but for what is changed; `null` takes a claim away. */
function sign(claims: Record<string, unknown> = {}, issued = good, header: Record<string, unknown> = {}) {
  const { cert = '', stored = '' } = issued ?? {};
  const thumbprint = Buffer.from(new X509Certificate(cert).fingerprint256.replaceAll(':', ''), 'hex');
  const own = { iss: client.clientId, sub: client.clientId, aud: tokenUrl(), jti: 'one' };
  const all = { ...own, nbf: seconds(), exp: seconds() + 600, ...claims };
  return new SignJWT(Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null)))
    .setProtectedHeader({ alg: 'PS256', 'x5t#S256': thumbprint.toString('base64url'), x5c: ['one'], ...header })
    .sign(createPrivateKey(stored));
}

async function ask(proof: Record<string, string>) {
  const form = { grant_type: 'client_credentials', client_id: client.clientId, scope: `${apiAudience}/.default` };
  const answer = await fetch(tokenUrl(), { method: 'POST', body: new URLSearchParams({ ...form, ...proof }) });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}
const askWith = (assertion: string) =>
  ask({
    client_assertion: assertion,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  });
const proofIn = ({ body }: { body: Record<string, unknown> }) => decodeJwt(String(body['access_token']))['azpacr'];

describe('an assertion of a certificate', () => {
  test('that is good has its token, which says what the client proved itself with', async () => {
    expect(proofIn(await askWith(await sign()))).toBe('2');
    expect(proofIn(await ask({ client_secret: 'CANARYc11e47' }))).toBe('1');
  });

  test.each<[string, () => Record<string, unknown>]>([
    ['is five minutes late, or nearly', () => ({ exp: seconds() - 299 })],
    ['is five minutes early, or nearly', () => ({ nbf: seconds() + 299 })],
    ['does not say from when on it is good', () => ({ nbf: null })],
  ])('that %s is taken', async (_what, change) => {
    expect((await askWith(await sign(change()))).status).toBe(200);
  });

  test.each<[string, () => Record<string, unknown>, number, number]>([
    ['is for another tenant', () => ({ aud: tokenUrl().replace(apiTenant, 'common') }), 401, 700023],
    ['is for the issuer', () => ({ aud: `${server.url}/${apiTenant}/v2.0` }), 401, 700023],
    ['is for several', () => ({ aud: [tokenUrl()] }), 401, 700023],
    ['is for nobody', () => ({ aud: null }), 401, 700023],
    ['speaks of another client', () => ({ sub: 'another' }), 401, 700021],
    ['speaks of nobody', () => ({ sub: null }), 401, 700021],
    ['has expired', () => ({ exp: seconds() - 301 }), 401, 700024],
    ['is not good yet', () => ({ nbf: seconds() + 301 }), 401, 700024],
    ['never expires', () => ({ exp: null }), 400, 50027],
    ['has no id', () => ({ jti: null }), 400, 50027],
  ])('that %s is refused', async (_what, change, status, code) => {
    expect(await askWith(await sign(change()))).toMatchObject({ status, body: { error_codes: [code] } });
  });

  test('is refused once its time is over', async () => {
    const assertion = await sign();
    await clock.advance(600_000 + 300_000);
    expect(await askWith(assertion)).toMatchObject({ status: 401, body: { error_codes: [700024] } });
  });

  test('of another certificate, another key, or without its chain is refused', async () => {
    const thumbprint = { 'x5t#S256': 'A'.repeat(43) };
    for (const assertion of [
      await sign({}, other),
      await sign({}, good, thumbprint),
      await sign({}, good, { x5c: null }),
    ]) {
      expect(await askWith(assertion)).toMatchObject({
        status: 401,
        body: { error: 'invalid_client', error_codes: [700027] },
      });
    }
  });

  test('of a certificate that has ended is refused', async () => {
    await entra.steer({ certificate: { client: 'okq8', pem: old?.cert } });
    const { body } = await askWith(await sign({}, old));
    await entra.steer({ certificate: { client: 'okq8', pem: good?.cert } });
    expect(body['error_description']).toMatch(/^AADSTS700027: .*The key used is expired/);
  });

  test('that is none is refused', async () => {
    expect(await askWith('x.y.z')).toMatchObject({
      status: 400,
      body: { error: 'invalid_request', error_codes: [50027] },
    });
  });
});
