import { describe, expect, test } from '@jest/globals';
import type { ApiManagement } from '../../../local/stand-ins/api-management/api-management.ts';
import { ask, createService, keysOf, user } from './service.ts';
import { createManualClock } from '../../support/manual-clock.ts';

const version = 'api-version=2022-04-01-preview';
const basic = (text: string) => ({ Authorization: `Basic ${Buffer.from(text).toString('base64')}` });

const signIn = async (service: ApiManagement) => {
  const answer = await ask(service.portal, `/identity?${version}`, {
    headers: basic(`${user.email}:${user.password}`),
  });
  const token = answer.headers?.['Ocp-Apim-Sas-Token'] ?? '';
  return { answer, token, headers: { Authorization: `SharedAccessSignature ${token}` } };
};

describe('the developer portal', () => {
  test('answers a password with the user and a session that says when it ends', async () => {
    const clock = createManualClock({ wall: Date.UTC(2026, 10, 24, 3, 0, 30) });
    const { answer, token } = await signIn(createService(clock));
    expect(answer).toMatchObject({ status: 200, body: { id: user.id } });
    expect(token).toMatch(/^token="broker&202611240400&[\w+/=]+",refresh="true"$/);
  });

  test.each([
    ['a wrong password', basic(`${user.email}:other`)],
    ['an unknown user', basic(`other:${user.password}`)],
    ['nothing', {}],
  ])('refuses to sign in with %s', async (_, headers) => {
    expect((await ask(createService().portal, `/identity?${version}`, { headers })).status).toBe(401);
  });

  test('pages the user’s subscriptions, keys included, and says where the next page is', async () => {
    const service = createService();
    const { headers } = await signIn(service);
    const first = await ask(service.portal, `/users/broker/subscriptions?${version}`, { headers });
    const { primary, secondary } = keysOf(service, 's-core');
    expect(first.body).toMatchObject({
      value: [
        { id: 's-core', name: 's-core', state: 'active', primaryKey: primary, secondaryKey: secondary },
        { id: 's-payments' },
      ],
    });
    const second = await ask(service.portal, String(first.body.nextLink), { headers });
    expect(second.body).toMatchObject({ value: [{ id: 's-team' }] });
    expect(second.body).not.toHaveProperty('nextLink');
  });

  test.each([
    ['regeneratePrimaryKey', 'primary', 'secondary'],
    ['regenerateSecondaryKey', 'secondary', 'primary'],
  ] as const)('%s answers 204, changes the %s key and leaves the other', async (action, changed, kept) => {
    const service = createService();
    const before = keysOf(service, 's-payments');
    const { headers } = await signIn(service);
    const target = `/users/broker/subscriptions/s-payments/${action}?${version}`;
    expect((await ask(service.portal, target, { method: 'POST', headers })).status).toBe(204);
    expect(keysOf(service, 's-payments')[changed]).not.toBe(before[changed]);
    expect(keysOf(service, 's-payments')[kept]).toBe(before[kept]);
  });

  test('ends a session at the minute that its token names, and renews it until then', async () => {
    const clock = createManualClock({ wall: Date.UTC(2026, 10, 24, 3, 0, 30) });
    const service = createService(clock);
    const { headers } = await signIn(service);
    const target = `/users/broker/subscriptions?${version}`;
    await clock.advance(3_569_999);
    const renewal = await ask(service.portal, `/identity?${version}`, { headers });
    await clock.advance(1);
    expect((await ask(service.portal, target, { headers })).status).toBe(401);
    const renewed = { Authorization: `SharedAccessSignature ${renewal.headers?.['Ocp-Apim-Sas-Token']}` };
    expect((await ask(service.portal, target, { headers: renewed })).status).toBe(200);
  });

  test('refuses a session whose user or end was changed', async () => {
    const service = createService();
    const { token } = await signIn(service);
    const forged = [token.replace('broker', 'admin'), token.replace('&2026', '&2027')];
    const answers = await Promise.all(
      forged.map((each) =>
        ask(service.portal, `/users/admin/subscriptions?${version}`, {
          headers: { Authorization: `SharedAccessSignature ${each}` },
        }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual([401, 401]);
  });

  test.each([
    ['another user’s subscriptions', `/users/other/subscriptions?${version}`, 403],
    ['a subscription that does not exist', `/users/broker/subscriptions/nosuch/regeneratePrimaryKey?${version}`, 404],
    ['a path that does not exist', `/apis?${version}`, 404],
    ['regenerating by GET', `/users/broker/subscriptions/s-core/regeneratePrimaryKey?${version}`, 405],
    ['another version', '/users/broker/subscriptions?api-version=2021-08-01', 400],
    ['a page that is not a number', `/users/broker/subscriptions?${version}&$skip=x`, 400],
  ])('refuses %s', async (_, target, status) => {
    const service = createService();
    const { headers } = await signIn(service);
    expect((await ask(service.portal, target, { headers })).status).toBe(status);
  });
});
