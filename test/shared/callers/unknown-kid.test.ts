import { describe, expect, test } from '@jest/globals';
import { BrokerError } from '../../../shared/errors.ts';
import { createSigner } from '../../support/caller-tokens.ts';
import { createTenant, down, hour, minute, signal, type Tenant } from './tenant.ts';

const one = createSigner('one');
const two = createSigner('two');
const unknown = { code: 'invalid-token', reason: 'signing-key-unknown' };
const unavailable = { code: 'upstream-unavailable', reason: 'signing-keys-unavailable' };

const outcome = ({ keys }: Tenant, kid: string): Promise<unknown> =>
  keys.find(kid, signal).catch((error: unknown) => error);

async function createWarmTenant(): Promise<Tenant> {
  const tenant = createTenant([one.jwk]);
  await tenant.keys.load(signal);
  await tenant.clock.advance(minute);
  tenant.state.fetches = 0;
  return tenant;
}

describe('a kid that is not known', () => {
  test('is looked for at once, so that a rolled key is found', async () => {
    const tenant = await createWarmTenant();
    tenant.state.published = [one.jwk, two.jwk];
    await expect(tenant.keys.find('two', signal)).resolves.toBeDefined();
    expect(tenant.state.fetches).toBe(1);
  });

  test('is not looked for again when it was not there just now, in the first fetch of all', async () => {
    const tenant = createTenant([one.jwk]);
    expect(await outcome(tenant, 'two')).toMatchObject(unknown);
    expect(tenant.state.fetches).toBe(1);
  });

  test('is not looked for again either when it was asked for during the first fetch of all', async () => {
    const tenant = createTenant([one.jwk]);
    let open = () => {};
    tenant.state.gate = new Promise((resolve) => (open = resolve));
    const asked = [outcome(tenant, 'two')];
    await tenant.clock.advance(10);
    asked.push(outcome(tenant, 'three'), outcome(tenant, 'one'));
    open();
    expect(await Promise.all(asked)).toEqual([
      expect.objectContaining(unknown),
      expect.objectContaining(unknown),
      expect.not.objectContaining({ name: 'BrokerError' }),
    ]);
    expect(tenant.state.fetches).toBe(1);
  });

  test('causes one fetch in five minutes, whatever 1,000 of them are called', async () => {
    const tenant = await createWarmTenant();
    const asked = Array.from({ length: 1_000 }, (_, number) => outcome(tenant, `random-${number}`));
    for (const answer of await Promise.all(asked)) expect(answer).toMatchObject(unknown);
    expect(tenant.state.fetches).toBe(1);
  });

  test('causes one fetch in five minutes when they come one after the other', async () => {
    const tenant = await createWarmTenant();
    for (let second = 0; second < 299; second += 1) {
      expect(await outcome(tenant, `random-${second}`)).toMatchObject(unknown);
      await tenant.clock.advance(1_000);
    }
    expect(tenant.state.fetches).toBe(1);
    await tenant.clock.advance(1_000);
    expect(await outcome(tenant, 'random')).toMatchObject(unknown);
    expect(tenant.state.fetches).toBe(2);
  });

  test('causes one fetch in five minutes also while the endpoint is down, and is no forgery until that can be told', async () => {
    const tenant = await createWarmTenant();
    tenant.state.fault = down();
    for (let second = 0; second < 299; second += 1) {
      expect(await outcome(tenant, `random-${second}`)).toMatchObject(unavailable);
      await tenant.clock.advance(1_000);
    }
    expect(tenant.state.fetches).toBe(1);
  });

  test('while the endpoint is down tells when it will be looked for again', async () => {
    const tenant = await createWarmTenant();
    tenant.state.fault = down();
    await outcome(tenant, 'two');
    await tenant.clock.advance(100_000);
    expect(await outcome(tenant, 'two')).toMatchObject({ ...unavailable, retryAfterMs: 200_000 });
  });

  test('does not disturb the known ones while the endpoint is down', async () => {
    const tenant = await createWarmTenant();
    tenant.state.fault = down();
    await outcome(tenant, 'two');
    await expect(tenant.keys.find('one', signal)).resolves.toBeDefined();
  });

  test('is found by the hourly refresh too', async () => {
    const tenant = await createWarmTenant();
    expect(await outcome(tenant, 'two')).toMatchObject(unknown);
    tenant.state.published = [one.jwk, two.jwk];
    await tenant.clock.advance(hour);
    await tenant.keys.find('one', signal);
    await tenant.clock.advance(0);
    await expect(tenant.keys.find('two', signal)).resolves.toBeDefined();
    expect(tenant.state.fetches).toBe(2);
  });

  test('is no longer a matter of the endpoint once the hourly refresh has succeeded after a failure', async () => {
    const tenant = await createWarmTenant();
    await tenant.clock.advance(hour);
    tenant.state.fault = down();
    expect(await outcome(tenant, 'two')).toMatchObject(unavailable);
    tenant.state.fault = undefined;
    tenant.state.published = [one.jwk, two.jwk];
    await tenant.clock.advance(minute);
    await tenant.keys.find('one', signal);
    await tenant.clock.advance(0);
    await expect(tenant.keys.find('two', signal)).resolves.toBeDefined();
    expect(await outcome(tenant, 'three')).toMatchObject(unknown);
  });

  test.each(['__proto__', 'constructor', 'toString'])('may be called %s', async (kid) => {
    expect(await outcome(await createWarmTenant(), kid)).toMatchObject(unknown);
  });

  test('is not waited for longer than the request lasts', async () => {
    const tenant = await createWarmTenant();
    tenant.state.gate = new Promise(() => {});
    const request = new AbortController();
    const asked = tenant.keys.find('two', request.signal).catch((error: unknown) => error);
    await tenant.clock.advance(0);
    request.abort(new BrokerError('deadline'));
    expect(await asked).toMatchObject({ reason: 'deadline' });
    await tenant.clock.advance(3_000);
  });
});
