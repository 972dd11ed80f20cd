import { describe, expect, test } from '@jest/globals';
import type { Requirement } from '../../../shared/credentials/header-set.ts';
import { BrokerError } from '../../../shared/errors.ts';
import type { Offer } from '../../../shared/http/asked.ts';
import { createCallPlaces } from '../../../shared/call/places.ts';
import { createCallDecision } from '../../../shared/http/call.ts';
import type { AuditFacts } from '../../../shared/telemetry/audit.ts';
import type { ApiName } from '../../../shared/names.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { exchangeOf, refusalOf, signal } from './exchange.ts';
import { admission, headerSetFor, needing, offers } from './offers.ts';

type Sent = { method?: string; headers?: Record<string, string>; body?: Uint8Array; api?: string };

/** Decides on `ANY /v1/call/{api}/{*path}` of `billing`, with what was handed out for it. */
function createFixture({ mayCall = true, baseUrl = 'https://api.example/payments', changes = {} } = {}) {
  const handedOut: Requirement[] = [];
  const facts: AuditFacts = {};
  const payments = offers.get('payments' as ApiName) as Offer;
  const decide = createCallDecision({
    ...admission,
    offers: new Map([...offers, [payments.api, { ...payments, baseUrl }]]),
    ...changes,
    clock: createManualClock(),
    headerSets: {
      handOut: async (requirement) => {
        handedOut.push(requirement);
        return headerSetFor(requirement);
      },
      isCached: () => true,
    },
    places: createCallPlaces(),
    mayCall: () => mayCall,
  });
  const send = (target: string, { method = 'GET', headers = {}, body, api }: Sent = {}) =>
    decide(
      exchangeOf({
        method,
        url: `https://broker.example/v1/call/${target}`,
        params: { api: api ?? (/^[^/?]*/.exec(target)?.[0] as string) },
        headers,
        ...(body && { body: { bytes: body } }),
      }),
      facts,
      signal,
    );
  return { send, handedOut, facts };
}

describe('a call', () => {
  test('goes where the API is, with the credentials of a header set, and the caller’s own left out', async () => {
    const { send, handedOut } = createFixture();
    const headers = { authorization: 'Bearer CANARY', accept: 'text/csv' };
    const body = Uint8Array.from([1, 2, 3]);
    const { call, requirement, set } = await send('payments/cards/7?limit=2', { method: 'POST', headers, body });
    expect(call.url.href).toBe('https://api.example/payments/cards/7?limit=2');
    expect([call.method, call.body]).toEqual(['POST', body]);
    expect(call.headers).toContainEqual(['accept', 'text/csv']);
    expect(JSON.stringify(call.headers)).not.toContain('CANARY');
    expect(call.credentials).toEqual(headerSetFor(needing('.default')).headers);
    expect([requirement, set, handedOut]).toEqual([
      needing('.default'),
      headerSetFor(needing('.default')),
      [needing('.default')],
    ]);
  });

  test('has on record what was given for it, by fingerprint', async () => {
    const { send, facts } = createFixture();
    await send('payments');
    expect(facts).toEqual({
      api: 'payments',
      key: 'keykeykeykey',
      token: 'tokentokento',
      expiresOn: '2026-11-24T03:04:59.999Z',
    });
  });

  test.each([
    ['the base itself', 'https://api.example/payments', 'payments', 'https://api.example/payments'],
    ['a host of its own', 'https://api.example', 'payments/x', 'https://api.example/x'],
    ['the host of its own alone', 'https://api.example', 'payments', 'https://api.example/'],
    ['a port', 'https://api.example:8443/a/b', 'payments/x?y', 'https://api.example:8443/a/b/x?y'],
  ])('stays below the API’s address: %s', async (_what, baseUrl, target, url) => {
    expect((await createFixture({ baseUrl }).send(target)).call.url.href).toBe(url);
  });

  test('is refused where the API’s address names a user, whose password it would be to send', async () => {
    const { send } = createFixture({ baseUrl: 'https://user@api.example' });
    expect(await refusalOf(send('payments/x'))).toEqual({ code: 'invalid-request', reason: 'call-path-refused' });
  });

  test('is refused where the host has read another API’s name than stands in the address', async () => {
    const { send, handedOut } = createFixture();
    const refusal = { code: 'invalid-request', reason: 'call-path-refused' };
    expect(await refusalOf(send('payments/x', { api: 'core' }))).toEqual(refusal);
    expect(handedOut).toEqual([]);
  });

  test.each([
    ['that the caller may not have', 'secret-api/x', 'api-not-allowed'],
    ['that does not exist', 'nosuch/x', 'api-unknown'],
  ])('is refused for an API %s', async (_which, target, reason) => {
    const { send, handedOut } = createFixture();
    expect(await refusalOf(send(target))).toEqual({ code: 'forbidden', reason });
    expect(handedOut).toEqual([]);
  });

  test('is refused, and on record, where the configuration lets no call be made', async () => {
    const { send, handedOut, facts } = createFixture({ mayCall: false });
    expect(await refusalOf(send('payments/x'))).toEqual({ code: 'forbidden', reason: 'call-not-allowed' });
    expect([handedOut, facts]).toEqual([[], { api: 'payments' }]);
  });

  test('is refused where the policy allows an API that is not offered', async () => {
    const { send } = createFixture({ changes: { offers: new Map() } });
    expect(await refusalOf(send('payments/x'))).toEqual({ code: 'forbidden', reason: 'call-not-allowed' });
  });

  test('may have a body of 4 MB and no longer', async () => {
    const { send, handedOut } = createFixture();
    const most = 4 * 1_024 * 1_024;
    expect((await send('payments/x', { method: 'PUT', body: new Uint8Array(most) })).call.body).toHaveLength(most);
    const refusal = { code: 'invalid-request', reason: 'call-body-too-long' };
    expect(await refusalOf(send('payments/x', { method: 'PUT', body: new Uint8Array(most + 1) }))).toEqual(refusal);
    expect(handedOut).toHaveLength(1);
  });

  test('is for callers alone, who alone are told what is wrong with its path', async () => {
    const authenticate = () => Promise.reject(new BrokerError('token-missing'));
    const { send } = createFixture({ changes: { authenticate } });
    expect(await refusalOf(send('payments//x'))).toEqual({ code: 'missing-token', reason: 'token-missing' });
  });
});
