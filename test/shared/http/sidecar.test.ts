import { describe, expect, test } from '@jest/globals';
import type { Requirement } from '../../../shared/credentials/header-set.ts';
import { BrokerError } from '../../../shared/errors.ts';
import { createAuthenticate } from '../../../shared/http/authenticate.ts';
import { createAuthorizationHeaderRoute, createValidateRoute } from '../../../shared/http/sidecar.ts';
import type { AuditFacts } from '../../../shared/telemetry/audit.ts';
import { caller } from '../../support/caller-tokens.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { exchangeOf, refusalOf, signal } from './exchange.ts';
import { admission, headerSetFor, keyValue, needing, tokenValue } from './offers.ts';

const forceRefresh = '?optionsOverride.AcquireTokenOptions.ForceRefresh=true';

/** `GET /AuthorizationHeader/{api}` for `billing`, with what was handed out from the caches, and what was loaded again. */
function createFixture(changes: Partial<typeof admission> = {}) {
  const handedOut: Requirement[] = [];
  const refreshed: Requirement[] = [];
  const facts: AuditFacts = {};
  const give = (to: Requirement[]) => async (requirement: Requirement) => {
    to.push(requirement);
    return headerSetFor(requirement);
  };
  const route = createAuthorizationHeaderRoute({
    ...admission,
    ...changes,
    clock: createManualClock(),
    headerSets: { handOut: give(handedOut) },
    rejections: { forceRefresh: give(refreshed) },
  });
  const ask = (api: string | undefined, query = '') => {
    const url = `https://broker.example/AuthorizationHeader/x${query}`;
    return route(exchangeOf({ url, params: api === undefined ? {} : { api } }), facts, signal);
  };
  return { ask, handedOut, refreshed, facts };
}

describe('/AuthorizationHeader/{api}', () => {
  test('answers as a sidecar does, with the key beside it', async () => {
    const { ask, handedOut, refreshed } = createFixture();
    const { status, headers, body } = await ask('payments');
    expect([status, headers['Content-Type']]).toEqual([200, 'application/json']);
    expect(JSON.parse(body)).toEqual({
      authorizationHeader: tokenValue,
      headers: { Authorization: tokenValue, 'Ocp-Apim-Subscription-Key': keyValue },
    });
    expect([handedOut, refreshed]).toEqual([[needing('.default')], []]);
  });

  test('has the credentials loaded again where that is asked for', async () => {
    const { ask, handedOut, refreshed } = createFixture();
    expect(JSON.parse((await ask('payments', forceRefresh)).body)).toMatchObject({ authorizationHeader: tokenValue });
    expect([handedOut, refreshed]).toEqual([[], [needing('.default')]]);
  });

  test('notes for the audit what was given, by fingerprint', async () => {
    const { ask, facts } = createFixture();
    await ask('payments');
    expect(facts).toEqual({
      api: 'payments',
      access: '.default',
      key: 'keykeykeykey',
      token: 'tokentokento',
      expiresOn: '2026-11-24T03:04:59.999Z',
    });
  });

  test('is the same refusal for an API that the caller may not have and for one that does not exist', async () => {
    const refusal = { code: 'not-found', reason: 'api-not-offered' };
    for (const api of ['secret-api', 'nosuch', 'Payments', '', undefined, 'constructor']) {
      const { ask, handedOut } = createFixture();
      expect(await refusalOf(ask(api))).toEqual(refusal);
      expect(handedOut).toEqual([]);
    }
  });

  test('has on record which API was refused, where there is one of that name', async () => {
    const { ask, facts } = createFixture();
    await refusalOf(ask('nosuch'));
    expect(facts).toEqual({});
    await refusalOf(ask('secret-api'));
    expect(facts).toEqual({ api: 'secret-api' });
  });

  test('hands out nothing for an API that takes a key alone', async () => {
    const { ask, handedOut, refreshed } = createFixture();
    expect(await refusalOf(ask('core', forceRefresh))).toEqual({ code: 'unsupported', reason: 'key-alone' });
    expect([handedOut, refreshed]).toEqual([[], []]);
  });

  test('tells a stranger of no option and no API', async () => {
    const authenticate = () => Promise.reject(new BrokerError('token-missing'));
    const { ask } = createFixture({ authenticate });
    expect(await refusalOf(ask('core', '?nosuch=1'))).toEqual({ code: 'missing-token', reason: 'token-missing' });
  });

  test('fails for an API that the policy allows and the broker has not', async () => {
    const { ask } = createFixture({ offers: new Map() });
    expect(await refusalOf(ask('payments'))).toEqual({ code: 'internal-error', reason: 'unexpected' });
  });
});

describe('GET /Validate', () => {
  const claims = { oid: caller.objectId, nested: { deep: [1] } };
  const token = ['{"alg":"RS256"}', JSON.stringify(claims), 'signature']
    .map((part) => Buffer.from(part).toString('base64url'))
    .join('.');
  const authenticate = createAuthenticate({
    verifier: { verify: async () => ({ kind: 'app-only', ...caller, roles: ['Headers.Read'], expiresAt: 0 }) },
    policy: admission.policy,
    limiter: { take: () => {} },
  });
  const ask = (query = '', headers: Record<string, string> = { authorization: `Bearer ${token}` }) =>
    createValidateRoute(authenticate)(
      exchangeOf({ url: `https://broker.example/Validate${query}`, headers }),
      {},
      signal,
    );

  test('tells a caller what its own token says', async () => {
    expect(JSON.parse((await ask()).body)).toEqual({ protocol: 'Bearer', token, claims });
  });

  test('takes no query', async () => {
    expect(await refusalOf(ask('?x=1'))).toEqual({ code: 'invalid-request', reason: 'query-unknown' });
  });

  test('is for callers alone', async () => {
    expect(await refusalOf(ask('?x=1', {}))).toEqual({ code: 'missing-token', reason: 'token-missing' });
  });
});
