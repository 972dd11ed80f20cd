import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { callGateway } from '../../../shared/azure/gateway-call.ts';
import { Secret } from '../../../shared/secret.ts';
import { keysOf } from '../../local/api-management/service.ts';
import { startApiManagement, type ApiManagementOnSockets } from '../../support/api-management.ts';

const { signal } = new AbortController();
let api: ApiManagementOnSockets;
beforeAll(async () => {
  api = await startApiManagement();
});
afterEach(() => api.forget());
afterAll(() => api.close());

const call = (path: string, credentials: Parameters<typeof callGateway>[1] = {}, limit = signal) =>
  callGateway(`${api.gateways[0]}${path}`, credentials, limit);
const keyOf = (subscription: string) => new Secret(keysOf(api.service, subscription).primary);

test('tells what a gateway’s refusal is about', async () => {
  expect(await call('/core/ping')).toEqual({ status: 401, about: 'key-missing' });
  expect(await call('/core/ping', { key: new Secret('nobody’s'.slice(0, 6)) })).toEqual({
    status: 401,
    about: 'key-invalid',
  });
  expect(await call('/core/ping', { key: keyOf('s-payments') })).toEqual({ status: 403, about: 'product' });
  expect(await call('/payments/ping', { key: keyOf('s-payments') })).toEqual({ status: 401, about: 'token' });
  expect(await call('/core/ping', { key: keyOf('s-core') })).toEqual({ status: 200, about: undefined });
});

test.each([
  ['Out of call volume quota. Quota will be replenished in 01:02:03.', 'quota'],
  ['The subscription is suspended.', 'suspended'],
  ['JWT not present.', undefined],
  ['CANARY0', undefined],
])('tells what a 403 that says “%s” is about', async (message, about) => {
  api.faults.add({ target: 'gateway', status: 403, body: { statusCode: 403, message } });
  expect(await call('/core/ping')).toEqual({ status: 403, about });
});

test('follows no redirect, which would take the key along', async () => {
  api.faults.add({ target: 'gateway', path: '/core/*', status: 302, headers: { Location: '/payments/ping' } });
  expect(await call('/core/ping', { key: keyOf('s-core') })).toEqual({ status: 302, about: undefined });
  expect(api.received).toEqual([]);
});

test('says of no answer what the network says', async () => {
  api.faults.add({ target: 'gateway', reset: true });
  await expect(call('/core/ping')).rejects.toMatchObject({ reason: 'deadline', upstream: 'UND_ERR_SOCKET' });
  await expect(call('/core/ping', {}, AbortSignal.abort())).rejects.toMatchObject({ reason: 'deadline' });
});
