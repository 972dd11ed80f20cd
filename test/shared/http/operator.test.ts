import { describe, expect, test } from '@jest/globals';
import type { VerifiedToken } from '../../../shared/callers/claims.ts';
import type { Principal } from '../../../shared/callers/operator-principal.ts';
import { BrokerError } from '../../../shared/errors.ts';
import { createOperatorAuthenticate } from '../../../shared/http/operator.ts';
import type { AuditFacts } from '../../../shared/telemetry/audit.ts';
import { caller, guid } from '../../support/caller-tokens.ts';
import { refusalOf, requestOf, signal } from './exchange.ts';

const person = guid('033e5408-6f75-40c0-a6a1-e15b0cd2f852');
const bearer = { Authorization: 'Bearer token' };
const principal = { 'X-MS-CLIENT-PRINCIPAL': 'principal' };
const json = { 'Content-Type': 'application/json', 'Idempotency-Key': 'key' };
const ownPage = { ...principal, ...json, 'Sec-Fetch-Site': 'same-origin' };

type Options = {
  roles?: string[];
  kind?: VerifiedToken['kind'];
  isSignInOn?: boolean;
  isLimited?: boolean;
  refuse?: BrokerError;
};

function createFixture({ roles = [], kind = 'app-only', isSignInOn = true, isLimited, refuse }: Options = {}) {
  const facts: AuditFacts = {};
  const asked: string[] = [];
  const authenticate = createOperatorAuthenticate({
    verifier: {
      verify: async (token) => {
        asked.push(token);
        if (refuse) throw refuse;
        return { ...caller, kind, roles, expiresAt: 0 };
      },
    },
    limiter: {
      take: (name) => {
        asked.push(name);
        if (isLimited) throw new BrokerError('rate-limit');
      },
    },
    readPrincipal: isSignInOn
      ? (header): Principal => {
          asked.push(header);
          return { objectId: person, roles };
        }
      : undefined,
  });
  const ask = (headers: Record<string, string> = bearer, need: 'read' | 'write' = 'read', method = 'GET') =>
    authenticate(requestOf({ headers, method }), need, facts, signal);
  return { ask, facts, asked };
}

describe.each(['app-only', 'delegated'] as const)('an %s token', (kind) => {
  test.each<[string[], 'read' | 'write', 'reader' | 'writer' | 'refused']>([
    [['Operations.Read'], 'read', 'reader'],
    [['Operations.Read'], 'write', 'refused'],
    [['Operations.Write'], 'read', 'writer'],
    [['Operations.Write'], 'write', 'writer'],
    [['Headers.Read', 'Operations.Read', 'Operations.Write'], 'write', 'writer'],
    [[], 'read', 'refused'],
    [['Headers.Read'], 'read', 'refused'],
    [['operations.read', 'Operations.Read ', 'Operations.ReadWrite'], 'read', 'refused'],
  ])('with the roles %j, asked for %s, is that of a %s', async (roles, need, expected) => {
    const { ask } = createFixture({ roles, kind });
    const who = { ...caller, mayWrite: expected === 'writer' };
    const refused = { code: 'forbidden', reason: 'role-missing' };
    const isRefused = expected === 'refused';
    const told = isRefused ? refusalOf(ask(bearer, need)) : ask(bearer, need);
    expect(await told).toEqual(isRefused ? refused : who);
  });
});

describe('who asks', () => {
  test('is noted, also where it is refused', async () => {
    const { ask, facts } = createFixture();
    await refusalOf(ask());
    expect(facts).toEqual(caller);
  });

  test('needs a token, and is refused as the verifier refuses it', async () => {
    expect(await refusalOf(createFixture().ask({}))).toEqual({ code: 'missing-token', reason: 'token-missing' });
    const { ask, facts } = createFixture({ refuse: new BrokerError('signature') });
    expect(await refusalOf(ask())).toEqual({ code: 'invalid-token', reason: 'signature' });
    expect(facts).toEqual({});
  });

  test.each([
    ['Operations.Read', 'readers'],
    ['Operations.Write', 'writers'],
  ])('has a share in the bucket of those who may do the same, which nobody else spends: %s', async (role, bucket) => {
    const { ask, asked } = createFixture({ roles: [role], isLimited: true });
    expect(await refusalOf(ask())).toEqual({ code: 'too-many-requests', reason: 'rate-limit' });
    expect(asked).toEqual(['token', bucket]);
    const stranger = createFixture({ isLimited: true });
    expect(await refusalOf(stranger.ask())).toEqual({ code: 'forbidden', reason: 'role-missing' });
    expect(stranger.asked).toEqual(['token']);
  });
});

describe('the principal of App Service authentication', () => {
  const roles = ['Operations.Write'];

  test('is a person, where the platform says that it is on', async () => {
    const { ask, facts } = createFixture({ roles });
    expect(await ask(principal)).toEqual({ objectId: person, clientId: undefined, mayWrite: true });
    expect(facts).toEqual({ objectId: person });
  });

  test('is what anybody may have written, where it is not: no token, no entry', async () => {
    const { ask, asked } = createFixture({ roles, isSignInOn: false });
    expect(await refusalOf(ask(principal))).toEqual({ code: 'missing-token', reason: 'token-missing' });
    expect(asked).toEqual([]);
  });

  test.each<[string, Record<string, string>]>([
    ['good', bearer],
    ['of another scheme', { Authorization: 'Basic x' }],
    ['empty', { Authorization: '' }],
  ])('does not count beside an Authorization header, be that %s', async (_what, headers) => {
    const { ask, asked } = createFixture({ roles });
    await refusalOf(ask({ ...principal, ...headers }));
    expect(asked).not.toContain('principal');
  });

  test('is held to its roles', async () => {
    const { ask } = createFixture({ roles: ['Operations.Read'] });
    expect(await refusalOf(ask(ownPage, 'write', 'POST'))).toEqual({ code: 'forbidden', reason: 'role-missing' });
  });

  test('may change something from a page of the broker’s own', async () => {
    const { ask } = createFixture({ roles });
    expect(await ask(ownPage, 'write', 'POST')).toMatchObject({ mayWrite: true });
    const { 'Sec-Fetch-Site': _site, ...withoutMetadata } = ownPage;
    expect(await ask(withoutMetadata, 'write', 'POST')).toMatchObject({ mayWrite: true });
  });

  test.each<[string, Record<string, string>, string, string]>([
    ['a page of another site', { ...ownPage, 'Sec-Fetch-Site': 'cross-site' }, 'forbidden', 'cross-site'],
    ['a page of a neighbour', { ...ownPage, 'Sec-Fetch-Site': 'same-site' }, 'forbidden', 'cross-site'],
    ['the address bar', { ...ownPage, 'Sec-Fetch-Site': 'none' }, 'forbidden', 'cross-site'],
    ['a form', { ...ownPage, 'Content-Type': 'text/plain' }, 'invalid-request', 'content-type-unsupported'],
    [
      'a page without a preflight',
      { ...principal, 'Content-Type': 'application/json' },
      'invalid-request',
      'idempotency-key-missing',
    ],
  ])('changes nothing from %s', async (_what, headers, code, reason) => {
    const { ask, asked } = createFixture({ roles });
    for (const need of ['read', 'write'] as const) {
      expect(await refusalOf(ask(headers, need, 'POST'))).toEqual({ code, reason });
    }
    expect(asked).toEqual([]);
  });

  const opened = { 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document' };
  const framed = { ...opened, 'Sec-Fetch-Dest': 'iframe' };
  const included = { 'Sec-Fetch-Mode': 'no-cors', 'Sec-Fetch-Dest': 'document' };
  const readWith = async (headers: Record<string, string>, method: string) => {
    const { ask, asked } = createFixture({ roles });
    const outcome = await ask({ ...principal, ...headers }, 'read', method).then(
      () => 'allowed',
      (error: BrokerError) => error.reason,
    );
    return [outcome, asked.length > 0 ? 'spent' : 'unspent'];
  };
  test.each<[string, Record<string, string>, 'allowed' | 'cross-site']>([
    ['a page of the broker’s own', { 'Sec-Fetch-Site': 'same-origin' }, 'allowed'],
    ['the address bar', { 'Sec-Fetch-Site': 'none', ...opened }, 'allowed'],
    ['a bookmark', { 'Sec-Fetch-Site': 'none' }, 'allowed'],
    ['a browser that does not say', {}, 'allowed'],
    ['a link of another site', { 'Sec-Fetch-Site': 'cross-site', ...opened }, 'allowed'],
    ['a link of a neighbour', { 'Sec-Fetch-Site': 'same-site', ...opened }, 'allowed'],
    ['a page of another site', { 'Sec-Fetch-Site': 'cross-site', ...included }, 'cross-site'],
    ['a page of a neighbour', { 'Sec-Fetch-Site': 'same-site', ...included }, 'cross-site'],
    ['a frame of another site', { 'Sec-Fetch-Site': 'cross-site', ...framed }, 'cross-site'],
    ['a site that says nothing else', { 'Sec-Fetch-Site': 'cross-site' }, 'cross-site'],
    ['a socket', { 'Sec-WebSocket-Key': 'x' }, 'cross-site'],
  ])('reads for %s, or is refused before it spends anything: %j %s', async (_what, headers, outcome) => {
    const due = [outcome, outcome === 'allowed' ? 'spent' : 'unspent'];
    for (const method of ['GET', 'HEAD']) expect(await readWith(headers, method)).toEqual(due);
  });

  test('is not asked for what no page can send with a token, which no browser adds by itself', async () => {
    const { ask } = createFixture({ roles });
    expect(await ask({ ...bearer, 'Sec-Fetch-Site': 'cross-site' }, 'write', 'POST')).toMatchObject(caller);
  });
});
