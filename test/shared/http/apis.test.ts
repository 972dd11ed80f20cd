import { describe, expect, test } from '@jest/globals';
import { createApisRoute } from '../../../shared/http/apis.ts';
import { BrokerError } from '../../../shared/errors.ts';
import { exchangeOf, refusalOf, signal } from './exchange.ts';
import { authenticateBilling, billing, offers as byName } from './offers.ts';

const offers = Array.from(byName.values());
const route = createApisRoute({ authenticate: authenticateBilling, offers });
const url = 'https://broker.example/v1/apis';

describe('GET /v1/apis', () => {
  test('lists what the caller may have, and nothing of what it may not', async () => {
    const { status, headers, body } = await route(exchangeOf({ url }), {}, signal);
    expect({ status, type: headers['Content-Type'] }).toEqual({ status: 200, type: 'application/json' });
    expect(JSON.parse(body)).toEqual({
      apis: [
        { api: 'core', baseUrl: 'https://api.example/core', accessLevels: [] },
        { api: 'payments', baseUrl: 'https://api.example/payments', accessLevels: ['.default', 'get'] },
      ],
    });
  });

  test('is empty for a caller that may have nothing', async () => {
    const none = createApisRoute({ authenticate: async () => ({ ...billing, apis: new Set() }), offers });
    expect((await none(exchangeOf({ url }), {}, signal)).body).toBe('{"apis":[]}');
  });

  test('takes no query', async () => {
    const asked = route(exchangeOf({ url: `${url}?access=get` }), {}, signal);
    expect(await refusalOf(asked)).toEqual({ code: 'invalid-request', reason: 'query-unknown' });
  });

  test('is for callers alone', async () => {
    const authenticate = () => Promise.reject(new BrokerError('token-missing'));
    const asked = createApisRoute({ authenticate, offers })(exchangeOf({ url: `${url}?x` }), {}, signal);
    expect(await refusalOf(asked)).toEqual({ code: 'missing-token', reason: 'token-missing' });
  });
});
