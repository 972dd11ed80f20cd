import { describe, expect, test } from '@jest/globals';
import type { ApiManagement } from '../../../local/stand-ins/api-management/api-management.ts';
import { ask, createService, goodToken, keysOf } from './service.ts';
import { createManualClock } from '../../support/manual-clock.ts';

const bearer = `Bearer ${goodToken}`;
const missingKey =
  'Access denied due to missing subscription key. Make sure to include subscription key when making requests to an API.';
const invalidKey =
  'Access denied due to invalid subscription key. Make sure to provide a valid key for an active subscription.';
const invalidToken = 'Unauthorized. Access token is missing or invalid.';

const call = (service: ApiManagement, key: string, options: { instance?: number; api?: string } = {}) =>
  ask(service.gateway(options.instance ?? 0), `/${options.api ?? 'payments'}/ping`, {
    headers: { 'Ocp-Apim-Subscription-Key': key, Authorization: bearer },
  });

const paymentsKey = (service: ApiManagement) => keysOf(service, 's-payments').primary;

describe('a gateway accepts', () => {
  test.each(['primary', 'secondary'] as const)('the %s key with a good token, and says what it saw', async (slot) => {
    const service = createService();
    const answer = await call(service, keysOf(service, 's-payments')[slot], { instance: 1 });
    expect(answer).toMatchObject({
      status: 200,
      body: { api: 'payments', gateway: 1, subscription: 's-payments', slot },
    });
    expect(JSON.stringify(answer)).not.toContain('CANARY');
  });

  test('a key alone where the API wants no token', async () => {
    const service = createService();
    const headers = { 'Ocp-Apim-Subscription-Key': keysOf(service, 's-core').primary };
    expect(await ask(service.gateway(0), '/core', { headers })).toMatchObject({ status: 200, body: { api: 'core' } });
  });
});

describe('a gateway refuses', () => {
  const rows: {
    name: string;
    steering?: object;
    path?: string;
    headers: (service: ApiManagement) => Record<string, string>;
    status: number;
    message: string;
  }[] = [
    { name: 'no key', headers: () => ({ Authorization: bearer }), status: 401, message: missingKey },
    {
      name: 'an empty key',
      headers: () => ({ 'Ocp-Apim-Subscription-Key': '', Authorization: bearer }),
      status: 401,
      message: missingKey,
    },
    {
      name: 'a key that nobody has',
      headers: () => ({ 'Ocp-Apim-Subscription-Key': 'CANARYnosuchkey', Authorization: bearer }),
      status: 401,
      message: invalidKey,
    },
    {
      name: 'two keys, which arrive joined',
      headers: (service) => ({
        'Ocp-Apim-Subscription-Key': `${paymentsKey(service)}, ${paymentsKey(service)}`,
        Authorization: bearer,
      }),
      status: 401,
      message: invalidKey,
    },
    {
      name: 'the key of another product',
      headers: (service) => ({
        'Ocp-Apim-Subscription-Key': keysOf(service, 's-core').primary,
        Authorization: bearer,
      }),
      status: 403,
      message: 'Access denied: the subscription does not include the product of this API.',
    },
    {
      name: 'a suspended subscription',
      steering: { subscription: 's-payments', state: 'suspended' },
      headers: (service) => ({ 'Ocp-Apim-Subscription-Key': paymentsKey(service), Authorization: bearer }),
      status: 403,
      message: 'Access denied: the subscription is suspended.',
    },
    ...['submitted', 'cancelled', 'expired', 'rejected'].map((state) => ({
      name: `a subscription that is ${state}`,
      steering: { subscription: 's-payments', state },
      headers: (service: ApiManagement) => ({
        'Ocp-Apim-Subscription-Key': paymentsKey(service),
        Authorization: bearer,
      }),
      status: 401,
      message: invalidKey,
    })),
    {
      name: 'no token',
      headers: (service) => ({ 'Ocp-Apim-Subscription-Key': paymentsKey(service) }),
      status: 401,
      message: invalidToken,
    },
    {
      name: 'a token that is not good for the audience of the API',
      headers: (service) => ({
        'Ocp-Apim-Subscription-Key': paymentsKey(service),
        Authorization: 'Bearer other.api.token',
      }),
      status: 401,
      message: invalidToken,
    },
    {
      name: 'another scheme than Bearer',
      headers: (service) => ({
        'Ocp-Apim-Subscription-Key': paymentsKey(service),
        Authorization: `Basic ${goodToken}`,
      }),
      status: 401,
      message: invalidToken,
    },
    {
      name: 'an API that does not exist',
      path: '/paymentsx',
      headers: () => ({}),
      status: 404,
      message: 'Resource not found',
    },
  ];

  test.each(rows)(
    '$name with $status and the documented message',
    async ({ steering, path, headers, status, message }) => {
      const service = createService();
      expect(service.steerGateway(steering ?? { offline: false })).toBeUndefined();
      const answer = await ask(service.gateway(0), path ?? '/payments/ping', { headers: headers(service) });
      expect(answer).toMatchObject({ status, body: { statusCode: status, message } });
      expect(JSON.stringify(answer)).not.toContain('CANARY');
    },
  );

  test('a key in the query, as if there were none', async () => {
    const service = createService();
    const answer = await ask(service.gateway(0), `/payments/ping?subscription-key=${paymentsKey(service)}`, {
      headers: { Authorization: bearer },
    });
    expect(answer).toMatchObject({ status: 401, body: { message: missingKey } });
  });

  test('a missing or wrong key with the challenge of API Management', async () => {
    const challenge =
      'AzureApiManagementKey realm="https://apim.azure-api.net/payments",name="Ocp-Apim-Subscription-Key",type="header"';
    expect((await ask(createService().gateway(0), '/payments')).headers).toEqual({ 'WWW-Authenticate': challenge });
  });

  test('the key before it looks at the token', async () => {
    const answer = await ask(createService().gateway(0), '/payments', { headers: { Authorization: 'Bearer x' } });
    expect(answer.body).toMatchObject({ message: missingKey });
  });
});

describe('a quota', () => {
  test('answers 429 with Retry-After when it is used up, until its period ends, on each gateway alone', async () => {
    const clock = createManualClock();
    const service = createService(clock);
    service.steerGateway({ subscription: 's-payments', quota: { calls: 1, per: '10s' } });
    const { primary } = keysOf(service, 's-payments');
    expect((await call(service, primary)).status).toBe(200);
    await clock.advance(3_500);
    expect(await call(service, primary)).toMatchObject({
      status: 429,
      headers: { 'Retry-After': '7' },
      body: { statusCode: 429, message: 'Rate limit is exceeded. Try again in 7 seconds.' },
    });
    expect((await call(service, primary, { instance: 1 })).status).toBe(200);
    await clock.advance(6_500);
    expect((await call(service, primary)).status).toBe(200);
  });

  test('is a minute when only a number is given, and is lifted by null', async () => {
    const service = createService();
    service.steerGateway({ subscription: 's-payments', instance: 0, quota: 0 });
    const { primary } = keysOf(service, 's-payments');
    expect((await call(service, primary)).headers).toEqual({ 'Retry-After': '60' });
    expect((await call(service, primary, { instance: 1 })).status).toBe(200);
    service.steerGateway({ subscription: 's-payments', quota: null });
    expect((await call(service, primary)).status).toBe(200);
  });

  test('is not taken from by a refused key, and comes before the token', async () => {
    const service = createService();
    service.steerGateway({ subscription: 's-payments', quota: 0 });
    expect((await call(service, 'wrong')).status).toBe(401);
    const headers = { 'Ocp-Apim-Subscription-Key': keysOf(service, 's-payments').primary };
    expect((await ask(service.gateway(0), '/payments', { headers })).status).toBe(429);
  });
});
