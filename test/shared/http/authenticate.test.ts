import { describe, expect, test } from '@jest/globals';
import type { CallerEntry } from '../../../shared/callers/policy.ts';
import { BrokerError, type Reason } from '../../../shared/errors.ts';
import { createAuthenticate } from '../../../shared/http/authenticate.ts';
import type { ApiName, CallerName } from '../../../shared/names.ts';
import type { AuditFacts } from '../../../shared/telemetry/audit.ts';
import { caller } from '../../support/caller-tokens.ts';
import { refusalOf, requestOf, signal } from './exchange.ts';

const delegated = { ...caller, kind: 'delegated' as const, roles: ['Headers.Read'], expiresAt: 0 };
const billing: CallerEntry = {
  ...caller,
  name: 'billing' as CallerName,
  apis: new Set(['core' as ApiName]),
  headers: true,
};

/** Everything behind the header accepts, unless it is the one to refuse. */
function createFixture(refuses: Partial<Record<'verifier' | 'policy' | 'limiter', Reason>> = {}) {
  const tokens: string[] = [];
  const taken: CallerName[] = [];
  const refuseIf = (part: keyof typeof refuses) => {
    const reason = refuses[part];
    if (reason) throw new BrokerError(reason);
  };
  const authenticate = createAuthenticate({
    verifier: {
      verify: async (token) => {
        tokens.push(token);
        refuseIf('verifier');
        return { ...caller, kind: 'app-only' as const, roles: [], expiresAt: 0 };
      },
    },
    policy: {
      identify: () => {
        refuseIf('policy');
        return billing;
      },
    },
    limiter: {
      take: (name) => {
        taken.push(name);
        refuseIf('limiter');
      },
    },
  });
  const facts: AuditFacts = {};
  const ask = (headers: Record<string, string> = { Authorization: 'Bearer token' }) =>
    authenticate(requestOf({ headers }), facts, signal);
  return { ask, facts, tokens, taken };
}

describe('the Authorization header', () => {
  test.each([
    ['Bearer abc.def.ghi', 'abc.def.ghi'],
    ['bearer abc', 'abc'],
    ['BEARER abc', 'abc'],
    ['Bearer   abc', 'abc'],
    ['  Bearer abc  ', 'abc'],
    ['Bearer ~+/=._-', '~+/=._-'],
  ])('%j has a token', async (value, token) => {
    const { ask, tokens } = createFixture();
    expect(await ask({ authorization: value })).toBe(billing);
    expect(tokens).toEqual([token]);
  });

  test.each<[string, string, Reason]>([
    ['', 'missing-token', 'token-missing'],
    ['   ', 'missing-token', 'token-missing'],
    ['Basic dXNlcjpwYXNz', 'missing-token', 'scheme-unsupported'],
    ['abc.def.ghi', 'missing-token', 'scheme-unsupported'],
    ['Bearerabc', 'missing-token', 'scheme-unsupported'],
    ['PoP abc', 'missing-token', 'scheme-unsupported'],
    ['Bearer', 'invalid-token', 'token-malformed'],
    ['Bearer ', 'invalid-token', 'token-malformed'],
    ['Bearer abc def', 'invalid-token', 'token-malformed'],
    ['Bearer\tabc', 'invalid-token', 'token-malformed'],
    ['Bearer abc, Bearer def', 'invalid-request', 'authorization-repeated'],
    ['Bearer abc,Bearer abc', 'invalid-request', 'authorization-repeated'],
    ['Basic abc, Bearer def', 'invalid-request', 'authorization-repeated'],
    ['Bearer abc,', 'invalid-request', 'authorization-repeated'],
  ])('%j is refused with %s', async (value, code, reason) => {
    const { ask, tokens } = createFixture();
    expect(await refusalOf(ask({ authorization: value }))).toEqual({ code, reason });
    expect(tokens).toEqual([]);
  });

  test('that is absent is refused, whatever else there is', async () => {
    const headers = {
      'x-functions-key': 'x',
      'X-MS-CLIENT-PRINCIPAL': Buffer.from('{"userId":"x"}').toString('base64'),
      'Proxy-Authorization': 'Bearer abc',
      'X-MS-TOKEN-AAD-ACCESS-TOKEN': 'abc',
      Cookie: 'token=abc',
    };
    expect(await refusalOf(createFixture().ask(headers))).toEqual({ code: 'missing-token', reason: 'token-missing' });
  });

  test('is the only place a token is taken from: not the query, not the body', async () => {
    const { ask } = createFixture();
    expect(await refusalOf(ask({}))).toEqual({ code: 'missing-token', reason: 'token-missing' });
  });
});

describe('who asks', () => {
  test('is noted for the audit as far as it is known', async () => {
    const { ask, facts } = createFixture();
    await ask();
    expect(facts).toEqual({ ...caller, caller: 'billing' });
  });

  test('is noted by its ids when no entry names it', async () => {
    const { ask, facts } = createFixture({ policy: 'caller-unknown' });
    expect(await refusalOf(ask())).toEqual({ code: 'forbidden', reason: 'caller-unknown' });
    expect(facts).toEqual(caller);
  });

  test('is not noted when the token proves nothing', async () => {
    const { ask, facts, taken } = createFixture({ verifier: 'signature' });
    expect(await refusalOf(ask())).toEqual({ code: 'invalid-token', reason: 'signature' });
    expect({ facts, taken }).toEqual({ facts: {}, taken: [] });
  });

  test('spends its own share, and nobody’s before it is known', async () => {
    const unknown = createFixture({ policy: 'role-missing' });
    await refusalOf(unknown.ask());
    expect(unknown.taken).toEqual([]);
    const known = createFixture({ limiter: 'rate-limit' });
    expect(await refusalOf(known.ask())).toEqual({ code: 'too-many-requests', reason: 'rate-limit' });
    expect(known).toMatchObject({ taken: ['billing'], facts: { caller: 'billing' } });
  });
});

test('a token that a person has let somebody use gets no credentials, whoever that is', async () => {
  const facts: AuditFacts = {};
  const authenticate = createAuthenticate({
    verifier: { verify: async () => delegated },
    policy: { identify: () => billing },
    limiter: { take: () => undefined },
  });
  const asking = authenticate(requestOf({ headers: { Authorization: 'Bearer token' } }), facts, signal);
  expect(await refusalOf(asking)).toEqual({ code: 'invalid-token', reason: 'not-app-only' });
  expect(facts).toEqual({});
});
