import { describe, expect, test } from '@jest/globals';
import type { ApiManagement } from '../../../local/stand-ins/api-management/api-management.ts';
import {
  ask,
  createService,
  goodToken,
  keysOf,
  managementToken,
  payments,
  reporterToken,
  serviceId,
} from './service.ts';
import { createManualClock } from '../../support/manual-clock.ts';

const version = '?api-version=2024-05-01';
const core = `${serviceId}/subscriptions/s-core`;
const headers = { Authorization: `Bearer ${managementToken}` };
const post = (service: ApiManagement, target: string) => ask(service.management, target, { method: 'POST', headers });

describe('the management API', () => {
  test('shows a subscription without its keys, and its ETag', async () => {
    const answer = await ask(createService().management, core + version, { headers });
    expect(answer).toMatchObject({
      status: 200,
      headers: { ETag: expect.stringMatching(/^"\w+"$/) },
      body: {
        id: core,
        name: 's-core',
        type: 'Microsoft.ApiManagement/service/subscriptions',
        properties: { state: 'active', scope: `${serviceId}/products/core` },
      },
    });
    expect(JSON.stringify(answer)).not.toContain('CANARY');
  });

  test('shows a state at once, whatever the gateways have, under a new ETag', async () => {
    const service = createService();
    const before = await ask(service.management, core + version, { headers });
    service.steerGateway({ subscription: 's-core', propagation: '1h' });
    service.steerGateway({ subscription: 's-core', state: 'suspended' });
    const after = await ask(service.management, core + version, { headers });
    expect(after.body).toMatchObject({ properties: { state: 'suspended' } });
    expect(after.headers).not.toEqual(before.headers);
  });

  test('lists both keys, with an ETag that changes when one of them does', async () => {
    const service = createService();
    const before = await post(service, `${core}/listSecrets${version}`);
    const { primary, secondary } = keysOf(service, 's-core');
    expect(before).toMatchObject({ status: 200, body: { primaryKey: primary, secondaryKey: secondary } });
    expect((await post(service, `${core}/listSecrets${version}`)).headers).toEqual(before.headers);
    service.steerManagement('s-core', { regenerate: 'secondary' });
    expect((await post(service, `${core}/listSecrets${version}`)).headers).not.toEqual(before.headers);
  });

  test.each([
    ['regeneratePrimaryKey', 'primary', 'secondary'],
    ['regenerateSecondaryKey', 'secondary', 'primary'],
  ] as const)('%s answers 204, changes the %s key and leaves the other', async (action, changed, kept) => {
    const service = createService();
    const before = keysOf(service, 's-core');
    expect(await post(service, `${core}/${action}${version}`)).toMatchObject({ status: 204 });
    const after = keysOf(service, 's-core');
    expect(after[changed]).not.toBe(before[changed]);
    expect(after[changed]).toMatch(/^CANARY[0-9a-f]{26}$/);
    expect(after[kept]).toBe(before[kept]);
  });

  test('answers the next regenerate at once and does it later, when told to be late', async () => {
    const clock = createManualClock();
    const service = createService(clock);
    const before = keysOf(service, 's-core');
    service.steerManagement('s-core', { late: '5s' });
    expect((await post(service, `${core}/regeneratePrimaryKey${version}`)).status).toBe(204);
    await clock.advance(4_999);
    expect(keysOf(service, 's-core')).toEqual(before);
    await clock.advance(1);
    expect(keysOf(service, 's-core').primary).not.toBe(before.primary);
    await post(service, `${core}/regenerateSecondaryKey${version}`);
    expect(keysOf(service, 's-core').secondary).not.toBe(before.secondary);
  });

  test('has a workspace’s subscriptions under the workspace alone, and takes names in any case', async () => {
    const { management } = createService();
    const statusOf = async (path: string) => (await ask(management, path + version, { headers })).status;
    expect(await statusOf(`${serviceId}/workspaces/team/subscriptions/s-team`)).toBe(200);
    expect(await statusOf(`${serviceId}/subscriptions/s-team`)).toBe(404);
    expect(await statusOf(`${serviceId}/workspaces/team/subscriptions/s-core`)).toBe(404);
    expect(await statusOf(core.toUpperCase())).toBe(200);
  });

  test.each([
    { name: 'no token', path: core + version, headers: {}, status: 401, code: 'AuthenticationFailed' },
    {
      name: 'another scheme',
      path: core + version,
      headers: { Authorization: 'Basic eA==' },
      status: 401,
      code: 'AuthenticationFailedInvalidHeader',
    },
    {
      name: 'a bad token',
      path: core + version,
      headers: { Authorization: 'Bearer bad' },
      status: 401,
      code: 'InvalidAuthenticationToken',
    },
    {
      name: 'a token for another audience',
      path: core + version,
      headers: { Authorization: `Bearer ${goodToken}` },
      status: 401,
      code: 'InvalidAuthenticationTokenAudience',
    },
    {
      name: 'whoever has no role for it',
      path: core + version,
      headers: { Authorization: `Bearer ${reporterToken}` },
      status: 403,
      code: 'AuthorizationFailed',
    },
    { name: 'no version', path: core, headers, status: 400, code: 'MissingApiVersionParameter' },
    {
      name: 'another version',
      path: `${core}?api-version=2020-01-01`,
      headers,
      status: 400,
      code: 'InvalidApiVersionParameter',
    },
    {
      name: 'an Azure subscription that does not exist',
      path: core.replace(payments, payments.replaceAll('1', '2')) + version,
      headers,
      status: 404,
      code: 'SubscriptionNotFound',
    },
    {
      name: 'a resource group that does not exist',
      path: core.replace('/rg/', '/other/') + version,
      headers,
      status: 404,
      code: 'ResourceGroupNotFound',
    },
    {
      name: 'a service that does not exist',
      path: core.replace('/apim/', '/other/') + version,
      headers,
      status: 404,
      code: 'ResourceNotFound',
    },
    {
      name: 'a subscription that does not exist',
      path: `${serviceId}/subscriptions/nosuch${version}`,
      headers,
      status: 404,
      code: 'ResourceNotFound',
    },
    { name: 'another type', path: `/tenants${version}`, headers, status: 404, code: 'InvalidResourceType' },
    { name: 'an action by GET', path: `${core}/listSecrets${version}`, headers, status: 405, code: 'MethodNotAllowed' },
  ])('refuses $name with $status $code', async ({ path, headers: sent, status, code }) => {
    const answer = await ask(createService().management, path, { headers: sent });
    expect(answer).toMatchObject({ status, body: { error: { code } } });
    expect(Object.keys(answer.headers ?? {})).toEqual(status === 401 ? ['WWW-Authenticate'] : []);
  });
});
