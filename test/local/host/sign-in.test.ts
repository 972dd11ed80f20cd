import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { callers, tenants } from '../../../local/sample.ts';
import { endHosts, startHost, type HostChild } from './child.ts';

let host: HostChild;

beforeAll(async () => {
  host = await startHost({ args: ['--sign-in'] });
});
afterAll(endHosts);

const ask = (path: string, cookie?: string, headers: Record<string, string> = {}) =>
  fetch(host.url + path, { redirect: 'manual', headers: { ...headers, ...(cookie !== undefined && { cookie }) } });

/** The cookie of somebody who has signed in. */
async function signIn(query = ''): Promise<string> {
  const answer = await ask(`/.auth/login/aad${query}`);
  expect(answer.status).toBe(302);
  return (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
}

async function headersSeen(cookie?: string, headers: Record<string, string> = {}): Promise<Record<string, string>> {
  const answer = await ask('/echo/a/b', cookie, headers);
  return ((await answer.json()) as { headers: Record<string, string> }).headers;
}

const principalIn = (headers: Record<string, string>) =>
  JSON.parse(Buffer.from(headers['x-ms-client-principal'] ?? '', 'base64').toString()) as {
    auth_typ: string;
    claims: { typ: string; val: string }[];
  };

describe('who has signed in', () => {
  test('is the operator “platform”, as App Service authentication describes a person of Entra', async () => {
    const seen = await headersSeen(await signIn());
    expect(seen).toMatchObject({
      'x-ms-client-principal-id': callers['platform']?.objectId,
      'x-ms-client-principal-name': 'platform@example.com',
      'x-ms-client-principal-idp': 'aad',
    });
    expect(principalIn(seen)).toEqual({
      auth_typ: 'aad',
      name_typ: 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress',
      role_typ: 'http://schemas.microsoft.com/ws/2008/06/identity/claims/role',
      claims: expect.arrayContaining([
        { typ: 'http://schemas.microsoft.com/identity/claims/objectidentifier', val: callers['platform']?.objectId },
        { typ: 'http://schemas.microsoft.com/identity/claims/tenantid', val: tenants.broker },
        { typ: 'roles', val: 'Operations.Read' },
        { typ: 'roles', val: 'Operations.Write' },
      ]),
    });
  });

  test('is whom they name, with that one’s roles alone', async () => {
    const { claims } = principalIn(await headersSeen(await signIn('?as=auditor')));
    expect(claims.filter(({ typ }) => typ === 'roles').map(({ val }) => val)).toEqual(['Operations.Read']);
  });

  test('has a cookie that no script reads and no other site’s request carries', async () => {
    const answer = await ask('/.auth/login/aad');
    expect(answer.headers.get('set-cookie')).toMatch(
      /^AppServiceAuthSession=[\w-]{32}; path=\/; httponly; samesite=lax$/,
    );
  });

  test('sees who they are at /.auth/me, without a token', async () => {
    const answer = await ask('/.auth/me', await signIn());
    const [me] = (await answer.json()) as Record<string, unknown>[];
    expect(Object.keys(me ?? {}).toSorted()).toEqual(['provider_name', 'user_claims', 'user_id']);
  });

  test('is nobody after signing out', async () => {
    const cookie = await signIn();
    const answer = await ask('/.auth/logout?post_logout_redirect_uri=/dashboard', cookie);
    expect([answer.status, answer.headers.get('location')]).toEqual([302, '/dashboard']);
    expect(answer.headers.get('set-cookie')).toContain('max-age=0');
    expect(await headersSeen(cookie)).not.toHaveProperty('x-ms-client-principal');
    expect((await ask('/.auth/me', cookie)).status).toBe(401);
  });
});

describe('who has not signed in', () => {
  test.each([
    ['nothing', undefined],
    ['a cookie that was not given', 'AppServiceAuthSession=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'],
    ['an empty cookie', 'AppServiceAuthSession='],
  ])('is nobody, with %s', async (_what, cookie) => {
    expect(Object.keys(await headersSeen(cookie)).filter((name) => name.startsWith('x-ms-'))).toEqual([]);
    expect((await ask('/.auth/me', cookie)).status).toBe(401);
  });

  test('cannot say that they are somebody', async () => {
    const forged = {
      'X-MS-CLIENT-PRINCIPAL': 'e30=',
      'X-Ms-Client-Principal-Id': 'x',
      'x-ms-token-aad-id-token': 'x',
      'x-other': 'kept',
    };
    const seen = await headersSeen(undefined, forged);
    expect(Object.keys(seen).filter((name) => name.startsWith('x-ms-'))).toEqual([]);
    expect(seen).toMatchObject({ 'x-other': 'kept' });
  });

  test('cannot say that they are somebody else either', async () => {
    const seen = await headersSeen(await signIn('?as=auditor'), { 'x-ms-client-principal': 'e30=' });
    expect(principalIn(seen).claims.length).toBeGreaterThan(0);
  });

  test('cannot sign in as somebody whom the sample does not have', async () => {
    const answer = await ask('/.auth/login/aad?as=nobody');
    expect([answer.status, answer.headers.get('set-cookie')]).toEqual([400, null]);
    expect(await answer.text()).toContain('platform');
  });
});

describe('after signing in', () => {
  test.each([
    ['/dashboard', '/dashboard'],
    ['/dashboard?a=1%26b#x', '/dashboard?a=1&b#x'],
    ['/a/../dashboard', '/dashboard'],
  ])('one goes on to a path of this host: %s', async (uri, location) => {
    const answer = await ask(`/.auth/login/aad?post_login_redirect_uri=${uri.replace('#', '%23')}`);
    expect(answer.headers.get('location')).toBe(location);
  });

  test.each([
    'https://evil.example/',
    '//evil.example/',
    String.raw`/\evil.example/`,
    String.raw`\\evil.example/`,
    '/.//evil.example/',
    '/%09/evil.example/',
    'javascript:alert(1)',
    'dashboard',
    '',
  ])('nobody is sent elsewhere: "%s"', async (uri) => {
    for (const path of ['login/aad?post_login_redirect_uri=', 'logout?post_logout_redirect_uri=']) {
      const answer = await ask(`/.auth/${path}${encodeURIComponent(decodeURIComponent(uri))}`);
      expect([answer.status, answer.headers.get('location'), answer.headers.get('set-cookie')]).toEqual([
        400,
        null,
        null,
      ]);
    }
  });

  test('one may also stay', async () => {
    expect((await ask('/.auth/login/aad')).headers.get('location')).toBe('/.auth/login/done');
    expect(await (await ask('/.auth/login/done')).text()).toBe('You are signed in.\n');
  });
});

describe('the host', () => {
  test('says that the platform signs people in', async () => {
    const answer = await ask('/environment/WEBSITE_AUTH_ENABLED');
    expect(await answer.text()).toBe('True');
  });

  test('plays none of it unless it is told to', async () => {
    const plain = await startHost();
    expect((await fetch(`${plain.url}/.auth/me`)).status).toBe(404);
    const answer = await fetch(`${plain.url}/echo/a/b`, { headers: { 'x-ms-client-principal': 'e30=' } });
    expect(await answer.json()).toMatchObject({ headers: { 'x-ms-client-principal': 'e30=' } });
    expect(await (await fetch(`${plain.url}/environment/WEBSITE_AUTH_ENABLED`)).text()).toBe('');
  });
});
