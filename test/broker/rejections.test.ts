import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startBrokerOnStack, type BrokerOnStack } from '../support/broker-on-stack.ts';

const keyRefused =
  'Access denied due to invalid subscription key. Make sure to provide a valid key for an active subscription.';
const tokenRefused = '{"statusCode": 401, "message": "Unauthorized. Access token is missing or invalid."}';

describe('POST /v1/headers/{api}/rejections', () => {
  let on: BrokerOnStack;
  let token: string;

  beforeAll(async () => {
    on = await startBrokerOnStack();
  });
  beforeEach(async () => {
    on.restart();
    token = await on.token('billing');
  });
  afterAll(() => on.close());

  const report = (api: string, body: object, bearer = token) =>
    on.ask('rejections', `v1/headers/${api}/rejections`, {
      method: 'POST',
      token: bearer,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const given = async (api: string) => (await on.headers(api, { token })).json;
  const count = async (target: string) => {
    const counts = await on.counts();
    return counts.filter((one) => one.target === target).reduce((sum, one) => sum + one.count, 0);
  };

  it('acquires a new token for one that was refused, and leaves the key alone', async () => {
    const before = await given('payments');
    const { status, json } = await report('payments', { id: before.id, status: 401, body: tokenRefused });
    expect(status).toBe(200);
    expect(json.rejection).toEqual({ credential: 'token', action: 'replaced' });
    expect(json.headers['Authorization']).not.toBe(before.headers['Authorization']);
    expect(json.headers['Ocp-Apim-Subscription-Key']).toBe(before.headers['Ocp-Apim-Subscription-Key']);
    expect((await given('payments')).id).toBe(json.id);
  });

  it('blames the token for a 401 in other words, where the gateways take the key', async () => {
    const { id } = await given('payments');
    const { json } = await report('payments', { id, status: 401, body: 'no' });
    expect(json.rejection).toEqual({ credential: 'token', action: 'replaced' });
  });

  it('changes nothing for a set that is not the current one', async () => {
    const { id } = await given('payments');
    await report('payments', { id, status: 401, body: tokenRefused });
    const again = await report('payments', { id, status: 401, body: tokenRefused });
    expect(again.json.rejection).toEqual({ credential: 'token', action: 'superseded' });
  });

  it('takes 4096 characters of an answer, however many bytes they are, and says what a longer report may have', async () => {
    const { id } = await given('payments');
    expect((await report('payments', { id, status: 429, body: 'å'.repeat(4_096) })).status).toBe(200);
    const { status, json } = await report('payments', { id, status: 429, body: 'å'.repeat(32_768) });
    expect([status, json.detail]).toEqual([400, expect.stringContaining('32 KB')]);
  });

  it('hands out the key that Key Vault holds by now', async () => {
    const before = await given('core');
    await on.steer('/vault/okq8-core', 'POST', { value: 'f'.repeat(32) });
    const { json } = await report('core', { id: before.id, status: 401, body: keyRefused });
    expect(json.rejection).toEqual({ credential: 'key', action: 'replaced' });
    expect(json.headers['Ocp-Apim-Subscription-Key']).toBe('f'.repeat(32));
    await on.steer('/vault/okq8-core', 'POST', { value: before.headers['Ocp-Apim-Subscription-Key'] });
  });

  it('raises the alert where the gateways refuse the key that is published', async () => {
    const before = await given('core');
    await on.steer('/management/okq8-core', 'POST', { regenerate: 'primary' });
    await on.clock.advance(60_000);
    const { json } = await report('core', { id: before.id, status: 401, body: keyRefused });
    expect(json.rejection).toEqual({ credential: 'key', action: 'key-refused' });
    expect(on.lines.filter(({ event }) => event === 'key-refused')).toHaveLength(1);
    await on.steer('/management/okq8-core', 'POST', { restore: true });
    await on.clock.advance(60_000);
  });

  it.each([
    [403, 'forbidden'],
    [429, 'throttled'],
  ])('drops nothing for a %d, and says why', async (status, action) => {
    const { id } = await given('payments');
    await on.steer('/requests', 'DELETE');
    const { json } = await report('payments', { id, status });
    expect(json.rejection).toEqual({ credential: 'none', action });
    expect(json.id).toBe(id);
    expect((await count('gateway')) + (await count('entra')) + (await count('vault'))).toBe(0);
  });

  it('makes one probe of each gateway and one read in an interval, however many false reports come, and drops no key', async () => {
    const { id } = await given('core');
    await on.steer('/requests', 'DELETE');
    const replies = [];
    for (let reports = 0; reports < 20; reports += 1)
      replies.push(report('core', { id, status: 401, body: keyRefused }));
    const actions = (await Promise.all(replies)).flatMap(({ status, json }) =>
      status === 200 ? [json.rejection.action] : [],
    );
    expect(new Set(actions)).toEqual(new Set(['unchanged']));
    expect(await count('gateway')).toBe(2);
    expect(await count('vault')).toBeLessThanOrEqual(2);
    expect((await given('core')).id).toBe(id);
  });

  it('looks at nothing for a header set that its reporter was not given', async () => {
    const { id } = await given('core');
    const ofReporting = (await on.headers('core', { token: await on.token('reporting') })).json.id;
    const ofPayments = (await given('payments')).id;
    const altered = `${id.slice(0, -1)}${id.endsWith('A') ? 'B' : 'A'}`;
    expect(ofReporting.slice(0, 15)).toBe(id.slice(0, 15));
    await on.steer('/requests', 'DELETE');
    for (const one of [ofReporting, ofPayments, altered, id.slice(0, 15)]) {
      const { status, json } = await report('core', { id: one, status: 401, body: keyRefused });
      expect([status, json.code]).toEqual([403, 'foreign-header-set']);
    }
    expect((await count('gateway')) + (await count('vault'))).toBe(0);
    expect(on.lines.at(-1)).toMatchObject({ action: 'headers.reject', caller: 'billing', reason: 'set-foreign' });
  });

  it('takes the access level for the same whether it was named or is the first', async () => {
    const { id } = await given('payments?access=.default');
    expect((await report('payments', { id, status: 429 })).status).toBe(200);
  });

  it('refuses a caller that may not have the API, and a report that is none', async () => {
    const { id } = await given('payments');
    expect((await report('payments', { id, status: 401 }, await on.token('reporting'))).status).toBe(403);
    expect((await report('payments', { id, status: 500 })).status).toBe(400);
    expect((await report('payments', { id: 'hs_x', status: 401 })).status).toBe(400);
    expect((await report('payments', { id, status: 401, body: 'x'.repeat(4_097) })).status).toBe(400);
  });
});
