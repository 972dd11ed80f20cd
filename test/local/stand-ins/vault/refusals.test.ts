import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Entra } from '../../../../local/stand-ins/entra/entra.ts';
import { brokerAudience, brokerTenant, caller, client, identity } from '../directory.ts';
import { authority, serveVault } from './served-vault.ts';
import type { ServedVault } from './served-vault.ts';

let served: ServedVault;
beforeAll(async () => {
  served = await serveVault();
  served.vault.seed('known', 'CANARYvalue');
});
afterAll(() => served.close());

type Spec = Partial<Parameters<Entra['mint']>[0]>;
const mint = (spec: Spec): Promise<string> =>
  served.entra.mint({ subject: identity, audience: 'https://vault.azure.net', version: 1, ...spec });

describe('without a good token', () => {
  const challenge = `Bearer authorization="${authority}/${brokerTenant}", resource="https://vault.azure.net"`;

  test('a request is challenged, whatever it asks for', async () => {
    for (const path of ['/secrets/known?api-version=7.6', '/secrets/unknown', '/nonsense']) {
      const answer = await fetch(served.server.url + path);
      expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, challenge]);
      expect(await answer.json()).toEqual({
        error: { code: 'Unauthorized', message: 'AKV10000: Request is missing a Bearer or PoP token.' },
      });
    }
  });

  test.each<[string, Spec, string]>([
    [
      'of another audience',
      { audience: brokerAudience },
      'AKV10022: Invalid audience. Expected https://vault.azure.net, found: ',
    ],
    ['with another issuer', { claims: { iss: 'https://sts.windows.net/x/' } }, 'AKV10032: Invalid issuer.'],
    ['by an unpublished key', { key: 'attacker' }, 'AKV10046: '],
    ['that expired', { lifetimeMs: -1_000 }, '[TokenExpired] '],
  ])('a token %s is challenged with the reason', async (_, spec, message) => {
    const answer = await served.ask('GET', '/secrets/known', { token: await mint(spec) });
    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, challenge]);
    expect(answer.body).toEqual({ error: { code: 'Unauthorized', message: expect.stringContaining(message) } });
  });

  test('a token that is none is challenged', async () => {
    expect(await served.ask('GET', '/secrets/known', { token: 'a.b.c' })).toMatchObject({ status: 401 });
  });

  test('a revoked token is challenged, and a new one accepted', async () => {
    const token = await mint({});
    expect(await served.ask('GET', '/secrets/known', { token })).toMatchObject({ status: 200 });
    await served.entra.steer({ revokeTokens: true });
    expect(await served.ask('GET', '/secrets/known', { token })).toMatchObject({ status: 401 });
    expect(await served.ask('GET', '/secrets/known')).toMatchObject({ status: 200 });
  });

  test('Key Vault’s own client id is a good audience', async () => {
    const token = await mint({ audience: 'cfa8b339-82a2-471a-a3c9-0fc0be7a4093' });
    expect(await served.ask('GET', '/secrets/known', { token })).toMatchObject({ status: 200 });
  });
});

describe('without the role', () => {
  test.each<[string, string, unknown, string]>([
    ['GET', '/secrets/known', undefined, 'getSecret/action'],
    ['GET', '/secrets', undefined, 'readMetadata/action'],
    ['PUT', '/secrets/known', { value: 'CANARYx' }, 'setSecret/action'],
    ['PATCH', '/secrets/known/', { tags: {} }, 'update/action'],
    ['DELETE', '/secrets/known', undefined, 'delete'],
    ['POST', '/deletedsecrets/known/recover', undefined, 'recover/action'],
    ['DELETE', '/deletedsecrets/known', undefined, 'purge/action'],
  ])('%s %s is forbidden, and the permission named', async (method, path, body, action) => {
    const answer = await served.ask(method, path, { app: client, body });
    expect(answer.status).toBe(403);
    expect(answer.body).toEqual({
      error: {
        code: 'Forbidden',
        message: expect.stringContaining(`Action: 'Microsoft.KeyVault/vaults/secrets/${action}'`),
        innererror: { code: 'ForbiddenByRbac' },
      },
    });
  });

  test('a reader reads and lists, and may not write', async () => {
    expect(await served.ask('GET', '/secrets/known', { app: caller })).toMatchObject({ status: 200 });
    expect(await served.ask('GET', '/secrets/known/versions', { app: caller })).toMatchObject({ status: 200 });
    expect(await served.ask('PUT', '/secrets/known', { app: caller, body: { value: 'CANARYx' } })).toMatchObject({
      status: 403,
    });
    expect(await served.ask('DELETE', '/secrets/known', { app: caller })).toMatchObject({ status: 403 });
  });
});

describe('a request is refused', () => {
  test.each([
    [
      'an unknown version of the API',
      '/secrets/known?api-version=1999-01-01',
      'The specified version (1999-01-01) is not recognized.',
    ],
    ['no version of the API', '/secrets/known?no-api-version', 'The api-version query parameter is not specified.'],
    ['a name that is none', '/secrets/no_name', 'The request URI contains an invalid name: no_name'],
    ['a name that is too long', `/secrets/${'a'.repeat(128)}`, 'The request URI contains an invalid name'],
    ['pages that are too long', '/secrets?maxresults=26', 'maxresults'],
    ['pages of nothing', '/secrets/known/versions?maxresults=0', 'maxresults'],
  ])('for %s', async (_, path, message) => {
    const answer = await served.ask('GET', path);
    expect(answer).toMatchObject({
      status: 400,
      body: { error: { code: 'BadParameter', message: expect.stringContaining(message) } },
    });
  });

  test.each<[string, unknown]>([
    ['no JSON', '{'],
    ['no value', {}],
    ['a value that is no text', { value: 7 }],
    ['a value over 25 KB', { value: 'a'.repeat(25 * 1024 + 1) }],
    [
      '16 tags',
      { value: 'CANARYx', tags: Object.fromEntries(Array.from({ length: 16 }, (_, index) => [`tag${index}`, ''])) },
    ],
    ['a tag of 257 characters', { value: 'CANARYx', tags: { a: 'a'.repeat(257) } }],
    ['a tag’s name of 257 characters', { value: 'CANARYx', tags: { ['a'.repeat(257)]: '' } }],
    ['a tag that is no text', { value: 'CANARYx', tags: { a: 1 } }],
    ['an expiry that is no number', { value: 'CANARYx', attributes: { exp: 'tomorrow' } }],
  ])('for a write with %s, and nothing is written', async (_, body) => {
    const before = served.vault.show('known');
    const answer = await served.ask('PUT', '/secrets/known', { body });
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 'BadParameter' } } });
    expect(served.vault.show('known')).toEqual(before);
    expect(JSON.stringify(answer.body)).not.toContain('CANARY');
  });

  test('for a change with 16 tags', async () => {
    const tags = Object.fromEntries(Array.from({ length: 16 }, (_, index) => [`tag${index}`, '']));
    expect(await served.ask('PATCH', '/secrets/known/', { body: { tags } })).toMatchObject({ status: 400 });
  });

  test.each([
    ['GET', '/secrets/unknown', 'A secret with (name/id) unknown was not found'],
    ['GET', `/secrets/known/${'0'.repeat(32)}`, `A secret with (name/id) known/${'0'.repeat(32)} was not found`],
    ['GET', '/secrets/unknown/versions', 'unknown was not found'],
    ['PATCH', `/secrets/known/${'0'.repeat(32)}`, 'was not found'],
    ['DELETE', '/secrets/unknown', 'unknown was not found'],
    ['GET', '/deletedsecrets/known', 'Deleted Secret not found: known'],
    ['POST', '/deletedsecrets/known/recover', 'Deleted Secret not found: known'],
    ['DELETE', '/deletedsecrets/known', 'Deleted Secret not found: known'],
  ])('when %s %s finds nothing', async (method, path, message) => {
    const answer = await served.ask(method, path, method === 'PATCH' ? { body: {} } : {});
    expect(answer).toMatchObject({
      status: 404,
      body: { error: { code: 'SecretNotFound', message: expect.stringContaining(message) } },
    });
  });

  test.each([
    ['GET', '/keys'],
    ['POST', '/secrets/known/backup'],
    ['DELETE', `/secrets/known/${'0'.repeat(32)}`],
    ['GET', '/secrets/known/versions/more'],
  ])('when there is no such operation: %s %s', async (method, path) => {
    expect(await served.ask(method, path)).toMatchObject({ status: 404, body: { error: { code: 'NotFound' } } });
  });
});

test('15 tags of 256 characters are taken', async () => {
  const tags = Object.fromEntries(
    Array.from({ length: 15 }, (_, index) => [`${index}`.padEnd(256, 'n'), 'v'.repeat(256)]),
  );
  expect(await served.ask('PUT', '/secrets/tagged', { body: { value: 'CANARYx', tags } })).toMatchObject({
    status: 200,
    body: { tags },
  });
});

test('a name is the same in upper and lower case', async () => {
  served.vault.seed('Mixed-Case', 'CANARYx');
  expect(await served.ask('GET', '/secrets/mixed-case')).toMatchObject({
    status: 200,
    body: { id: expect.stringContaining('/secrets/Mixed-Case/') },
  });
});

test('a page stays where it was when secrets come and go between two pages', async () => {
  for (const name of ['page-b', 'page-d', 'page-f']) served.vault.seed(name, 'CANARYx');
  const pages: string[][] = [];
  let next: string | null = '/secrets?maxresults=1';
  while (next !== null) {
    const { body } = await served.ask('GET', next);
    const { value, nextLink } = body as { value: { id: string }[]; nextLink: string | null };
    pages.push(value.map(({ id }) => id.replace(/.*\//, '')));
    if (pages.at(-1)?.[0] === 'page-b') served.vault.seed('page-a', 'CANARYx');
    if (pages.at(-1)?.[0] === 'page-b') served.vault.steer('page-d', { delete: true });
    next = nextLink;
  }
  expect(pages.flat().filter((name) => name.startsWith('page-'))).toEqual(['page-b', 'page-f']);
});
