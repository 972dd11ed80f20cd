import { describe, expect, test } from '@jest/globals';
import { BrokerError, type Reason } from '../../../shared/errors.ts';
import { createDashboardAssetRoute, createDashboardRoute } from '../../../shared/http/dashboard.ts';
import { serve } from '../../../shared/http/serve.ts';
import type { Guid } from '../../../shared/names.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { call, problemIn } from './exchange.ts';

const options = { clock: createManualClock(), requestTimeoutMs: 5_000 };
const operator = { objectId: '033e5408-6f75-40c0-a6a1-e15b0cd2f852' as Guid, clientId: undefined, mayWrite: false };

function pageHandler(refusal?: Reason, isSignInOn = true) {
  const authenticate = async () => {
    if (refusal) throw new BrokerError(refusal);
    return operator;
  };
  return serve(options, ['GET', 'HEAD'], createDashboardRoute({ authenticate }, { isSignInOn }));
}

const assets = serve(options, ['GET', 'HEAD'], createDashboardAssetRoute());

describe('the dashboard’s page', () => {
  test.each<[string, Reason | undefined, number]>([
    ['an operator', undefined, 200],
    ['somebody without the role', 'role-missing', 403],
  ])('lets %s’s browser load its own files and nothing else', async (_who, refusal, status) => {
    const seen = await call(pageHandler(refusal));
    expect([seen.status, seen.headers['content-type']]).toEqual([status, 'text/html; charset=utf-8']);
    expect(seen.headers).toMatchObject({
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    const policy = seen.headers['content-security-policy']?.split('; ') ?? [];
    expect(policy).toEqual(
      expect.arrayContaining([
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "img-src 'self'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
        "frame-ancestors 'none'",
        "form-action 'none'",
        "base-uri 'none'",
        "worker-src 'none'",
      ]),
    );
    expect(policy.join(' ')).not.toMatch(/unsafe|\*|https?:/);
    expect(seen.body).not.toMatch(/ on\w+=| style=|<style|<script(?! type="module" src="\/dashboard\/)/);
    expect(seen.body).not.toMatch(/(?:src|href)="(?!\/|#)/);
  });

  test.each<[string, Reason, Parameters<typeof call>[1], number]>([
    ['nobody', 'token-missing', {}, 302],
    ['a person of another tenant', 'tenant', {}, 403],
    ['a program with a token that is not accepted', 'expired', { headers: { authorization: 'Bearer x' } }, 401],
    ['somebody without the role', 'role-missing', {}, 403],
    ['anybody while Entra’s keys are not to be had', 'signing-keys-unavailable', {}, 503],
  ])('answers %s', async (_who, refusal, init, status) => {
    expect((await call(pageHandler(refusal), init)).status).toBe(status);
  });

  test('sends a browser to sign in where the platform does that, and nowhere else', async () => {
    const { status, headers } = await call(pageHandler('token-missing'));
    expect([status, headers['location']]).toEqual([302, '/.auth/login/aad?post_login_redirect_uri=/dashboard']);
  });

  test.each<[Reason, number]>([
    ['token-missing', 401],
    ['role-missing', 403],
  ])('answers with a problem where the platform signs nobody in: %s', async (refusal, status) => {
    const seen = await call(pageHandler(refusal, false));
    expect([seen.status, problemIn(seen)['status']]).toEqual([status, status]);
  });
});

describe('its files', () => {
  test('are all that the page names, each under its own type, and for pages of the broker’s own alone', async () => {
    const { body } = await call(pageHandler());
    const names = [...body.matchAll(/(?:src|href)="\/dashboard\/([^"]+)"/g)].map(([, name = '']) => name);
    const types = await Promise.all(
      names.map(async (asset) => {
        const { status, headers } = await call(assets, { params: { asset } });
        const who = headers['cross-origin-resource-policy'];
        return [status, headers['content-type'], headers['cache-control'], who];
      }),
    );
    expect(new Set(names.map((name) => name.split('.').at(-1)))).toEqual(new Set(['css', 'js', 'svg']));
    const typeOf = { css: 'text/css', js: 'text/javascript', svg: 'image/svg+xml' };
    expect(types).toEqual(
      names.map((name) => [
        200,
        `${typeOf[name.split('.').at(-1) as 'css']}; charset=utf-8`,
        'no-store',
        'same-origin',
      ]),
    );
  });

  test('import one another alone', async () => {
    const { body } = await call(pageHandler());
    const preloaded = [...body.matchAll(/"\/dashboard\/([a-z]+\.js)"/g)].map(([, name = '']) => name);
    const texts = await Promise.all(preloaded.map(async (asset) => (await call(assets, { params: { asset } })).body));
    const imported = texts.flatMap((text) =>
      [...text.matchAll(/^(?:import|\}) .*from '([^']+)'/gm)].map(([, from]) => from),
    );
    expect(new Set(imported.map((from) => from?.replace('./', '')))).toEqual(
      new Set(preloaded.filter((name) => name !== 'app.js')),
    );
  });

  test.each(['page.html', 'forbidden.html', 'files.ts', '../app.js', 'x.js', '', '__proto__', 'constructor'])(
    'are no others: "%s"',
    async (asset) => {
      expect((await call(assets, { params: { asset } })).status).toBe(404);
    },
  );
});
