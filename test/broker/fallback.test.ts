import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startBrokerOnStack, type BrokerOnStack } from '../support/broker-on-stack.ts';

const keyRefused =
  'Access denied due to invalid subscription key. Make sure to provide a valid key for an active subscription.';
const keyHeader = 'Ocp-Apim-Subscription-Key';
const minute = 60_000;

describe('where the gateways refuse the active key, a report', () => {
  let on: BrokerOnStack;
  beforeAll(async () => {
    on = await startBrokerOnStack({ storage: true });
    // Adopted, and then promised.
    await on.tick();
    await on.tick();
  });
  beforeEach(() => void on.restart());
  afterAll(() => on.close());

  const given = async (api: string, caller = 'billing') =>
    (await on.headers(api, { token: await on.token(caller) })).json;
  const report = async (api: string, id: string, caller = 'billing') =>
    on.ask('rejections', `v1/headers/${api}/rejections`, {
      method: 'POST',
      token: await on.token(caller),
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ id, status: 401, body: keyRefused }),
    });
  const keysOf = (subscription: string) => on.stack.apiManagement.keys(subscription);
  const use = async (gateway: string, api: string, key: string) =>
    (await fetch(`${gateway}/${api}/ping`, { headers: { [keyHeader]: key } })).status;

  it('has the alternate published, answers with it, and raises the alert', async () => {
    const { primary, secondary } = keysOf('okq8-core') ?? {};
    const before = await given('core');
    expect(before.headers[keyHeader]).toBe(primary);
    await on.steer('/management/okq8-core', 'POST', { regenerate: 'primary' });
    await on.clock.advance(minute);

    const { status, json } = await report('core', before.id);
    expect(status).toBe(200);
    expect(json.rejection).toEqual({ credential: 'key', action: 'alternate' });
    expect(json.headers[keyHeader]).toBe(secondary);
    for (const gateway of on.stack.ready().gateways) expect(await use(gateway, 'core', secondary ?? '')).toBe(200);
    expect(on.lines.filter(({ event }) => event === 'key-refused')).toHaveLength(1);
    expect(
      on.lines.filter(({ event, alert }) => event === 'rotation-alert' && alert === 'active-key-refused'),
    ).toHaveLength(1);
    const refused = (await on.metrics()).get('token_broker.key.refused');
    expect(refused).toEqual([{ attributes: { 'token_broker.subscription': 'okq8-core' }, value: 1 }]);
    const audit = on.lines.filter(({ event, rejection }) => event === 'audit' && rejection === 'alternate');
    expect(audit).toHaveLength(1);

    // It is the published key for everybody from then on, and a second report of the dead one changes nothing.
    on.restart();
    expect((await given('core', 'reporting')).headers[keyHeader]).toBe(secondary);
    expect((await report('core', before.id)).json.rejection).toEqual({ credential: 'key', action: 'superseded' });
  });

  it('cures an emergency where the copy is older', async () => {
    const name = 'partner-loyalty';
    const before = await given('loyalty', 'bookkeeping');
    const steered = await on.ask('steering', `v1/rotations/${name}/emergency`, {
      method: 'POST',
      token: await on.token('platform'),
      headers: { 'content-type': 'application/json', 'idempotency-key': 'e2f6a3b4-5c6d-4e7f-8a9b-0c1d2e3f4a5b' },
      body: JSON.stringify({ reason: 'the key stood in a log', confirm: name }),
    });
    expect(steered.status).toBe(200);
    const isRegenerated = () => keysOf(name)?.primary !== before.headers[keyHeader];
    for (let ticks = 0; ticks < 10 && !isRegenerated(); ticks += 1) {
      await on.clock.advance(minute / 4);
      await on.tick();
    }
    await on.clock.advance(minute / 4);
    const [gateway] = on.stack.ready().gateways;
    expect(await use(gateway, 'loyalty', before.headers[keyHeader])).toBe(401);
    expect((await given('loyalty', 'bookkeeping')).id).toBe(before.id);

    const { json } = await report('loyalty', before.id, 'bookkeeping');
    expect(json.rejection).toEqual({ credential: 'key', action: 'replaced' });
    expect(json.headers[keyHeader]).toBe(keysOf(name)?.secondary);
  });

  it('is answered with the dead key where the other slot is not accepted everywhere', async () => {
    const before = await given('payments');
    await on.steer('/management/okq8-payments', 'POST', { regenerate: 'primary' });
    await on.steer('/management/okq8-payments', 'POST', { regenerate: 'secondary' });
    await on.clock.advance(minute);
    const { json } = await report('payments', before.id);
    expect(json.rejection).toEqual({ credential: 'key', action: 'key-refused' });
  });
});
