import { ManagedIdentityCredential } from '@azure/identity';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { createCounts } from '../../../local/stand-ins/counts.ts';
import type { App, Entra } from '../../../local/stand-ins/entra/entra.ts';
import { createFaults } from '../../../local/stand-ins/faults.ts';
import { createIdentity, identityPath } from '../../../local/stand-ins/identity.ts';
import { serveStandIn } from '../../../local/stand-ins/server.ts';
import type { StandIn } from '../../../local/stand-ins/server.ts';
import { brokerTenant, createTestEntra, identity } from './directory.ts';
import { setEnvironment } from './environment.ts';

const header = 'CANARY1de47177';
const userAssigned: App = {
  ...identity,
  clientId: 'be5f6a7b-8c9d-4e0f-8a1b-3c4d5e6f7a09',
  objectId: 'cf6a7b8c-9d0e-4f1a-9b2c-4d5e6f7a8b10',
  name: 'user-assigned',
};
let entra: Entra;
let server: StandIn;
let restore: () => void;
// Once for all: MSAL remembers the endpoint and the tokens of managed identities per process.
beforeAll(async () => {
  entra = await createTestEntra();
  const endpoint = createIdentity({ entra, header, identities: [identity, userAssigned] });
  server = await serveStandIn({
    target: 'identity',
    faults: createFaults(),
    counts: createCounts(),
    handle: (request) => endpoint.handle(request),
  });
  restore = setEnvironment({ IDENTITY_ENDPOINT: server.url + identityPath, IDENTITY_HEADER: header });
});
afterAll(async () => {
  restore();
  await server.close();
});

const ask = async (
  query: Record<string, string>,
  headers: Record<string, string> = { 'X-IDENTITY-HEADER': header },
  method = 'GET',
): Promise<{ status: number; body: Record<string, unknown> }> => {
  const answer = await fetch(`${server.url}${identityPath}?${new URLSearchParams(query).toString()}`, {
    method,
    headers,
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
};
const good = { resource: 'https://vault.azure.net', 'api-version': '2019-08-01' };

describe('ManagedIdentityCredential', () => {
  test.each(['https://vault.azure.net', 'https://management.azure.com', 'https://storage.azure.com'])(
    'gets a day’s token for %s',
    async (resource) => {
      const token = await new ManagedIdentityCredential().getToken(`${resource}/.default`);
      const lifeMs = token.expiresOnTimestamp - Date.now();
      expect(lifeMs).toBeGreaterThan(86_390_000);
      expect(lifeMs).toBeLessThanOrEqual(86_400_000);
      expect(decodeJwt(token.token)).toMatchObject({
        aud: resource,
        iss: `https://sts.windows.net/${brokerTenant}/`,
        appid: identity.clientId,
        oid: identity.objectId,
        ver: '1.0',
      });
      expect(await entra.verify(token.token, resource)).toMatchObject({ ok: true });
    },
  );

  test('gets the user-assigned identity’s token by its client id', async () => {
    const token = await new ManagedIdentityCredential({ clientId: userAssigned.clientId }).getToken(
      'https://vault.azure.net/.default',
    );
    expect(decodeJwt(token.token)).toMatchObject({ oid: userAssigned.objectId });
  });

  test('is told that an identity does not exist', async () => {
    const credential = new ManagedIdentityCredential({ clientId: 'b9d7e0f0-0000-4000-8000-000000000000' });
    await expect(credential.getToken('https://vault.azure.net/.default')).rejects.toThrow(
      'No User Assigned or Delegated Managed Identity found',
    );
  });
});

test('the answer has the fields and types of protocol 2019-08-01', async () => {
  const { status, body } = await ask(good);
  expect(status).toBe(200);
  expect(body).toEqual({
    access_token: expect.any(String),
    expires_on: expect.stringMatching(/^\d{10}$/),
    resource: 'https://vault.azure.net',
    token_type: 'Bearer',
    client_id: identity.clientId,
  });
  expect(decodeJwt(String(body['access_token'])).exp).toBe(Number(body['expires_on']));
});

test.each<[string, Parameters<typeof ask>, number]>([
  ['without the header', [good, {}], 401],
  ['with a wrong header', [good, { 'X-IDENTITY-HEADER': 'CANARYwrong' }], 403],
  ['with another version', [{ ...good, 'api-version': '2017-09-01' }], 400],
  ['without a resource', [{ 'api-version': '2019-08-01' }], 400],
  ['for a resource that does not exist', [{ ...good, resource: 'api://nowhere' }], 400],
  ['for an identity that does not exist', [{ ...good, client_id: 'x' }], 400],
  ['with another method', [good, { 'X-IDENTITY-HEADER': header }, 'POST'], 405],
])('a request %s is refused', async (_, request, status) => {
  const answer = await ask(...request);
  expect(answer).toMatchObject({ status, body: { statusCode: status, message: expect.any(String) } });
  expect(JSON.stringify(answer.body)).not.toContain('CANARY');
});

test('another path is not found', async () => {
  expect((await fetch(`${server.url}/metadata/identity/oauth2/token`)).status).toBe(404);
});
