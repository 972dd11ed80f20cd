import { describe, expect, test } from '@jest/globals';
import type { PublishedKey } from '../../../shared/callers/ports.ts';
import { BrokerError } from '../../../shared/errors.ts';
import { createSigner } from '../../support/caller-tokens.ts';
import { createTenant, down, hour, minute, signal, type Tenant } from './tenant.ts';

const one = createSigner('one');
const two = createSigner('two');

const unknown = { code: 'invalid-token', reason: 'signing-key-unknown' };
const unavailable = { code: 'upstream-unavailable', reason: 'signing-keys-unavailable' };

/** Asks for a key and lets what it set off in the background end. */
async function find({ keys, clock }: Tenant, kid: string) {
  const key = await keys.find(kid, signal);
  await clock.advance(0);
  return key;
}
const refusal = (tenant: Tenant, kid: string): Promise<unknown> => find(tenant, kid).catch((error: unknown) => error);

describe('the tenant’s signing keys', () => {
  test('are fetched once, however many ask at once for the first time', async () => {
    const tenant = createTenant([one.jwk]);
    await Promise.all(Array.from({ length: 500 }, () => tenant.keys.find('one', signal)));
    expect(tenant.state.fetches).toBe(1);
  });

  test.each<[string, unknown]>([
    ['a number', 5],
    ['an object that is no text', { toString: 1 }],
    ['a list', []],
  ])('are good beside one whose issuer is %s', async (_what, issuer) => {
    const odd = { ...two.jwk, issuer } as PublishedKey;
    const tenant = createTenant([odd, one.jwk]);
    await expect(find(tenant, 'one')).resolves.toBeDefined();
    expect(await refusal(tenant, 'two')).toMatchObject(unknown);
  });

  test('are not fetched again within an hour', async () => {
    const tenant = createTenant([one.jwk]);
    await find(tenant, 'one');
    await tenant.clock.advance(hour - 1);
    await find(tenant, 'one');
    expect(tenant.state.fetches).toBe(1);
  });

  test('are fetched again in the background after an hour, and nobody waits for it', async () => {
    const tenant = createTenant([one.jwk]);
    await find(tenant, 'one');
    await tenant.clock.advance(hour);
    tenant.state.gate = new Promise(() => {});
    await expect(tenant.keys.find('one', signal)).resolves.toBeDefined();
    expect(tenant.state.fetches).toBe(2);
  });

  test('serve for a day while the tenant’s endpoint is down', async () => {
    const tenant = createTenant([one.jwk]);
    await find(tenant, 'one');
    tenant.state.fault = down();
    for (let passed = 0; passed < 23; passed += 1) {
      await tenant.clock.advance(hour);
      await expect(find(tenant, 'one')).resolves.toBeDefined();
    }
    await tenant.clock.advance(59 * minute);
    await expect(find(tenant, 'one')).resolves.toBeDefined();
    expect(tenant.failures).not.toHaveLength(0);
  });

  test('are refused after a day, because they may have been withdrawn', async () => {
    const tenant = createTenant([one.jwk]);
    await find(tenant, 'one');
    tenant.state.fault = down();
    await tenant.clock.advance(24 * hour);
    expect(await refusal(tenant, 'one')).toMatchObject(unavailable);
    expect(tenant.keys.isCurrent('one', await createTenant([one.jwk]).keys.find('one', signal))).toBe(false);
  });

  test('serve again once the endpoint is back', async () => {
    const tenant = createTenant([one.jwk]);
    tenant.state.fault = down();
    expect(await refusal(tenant, 'one')).toMatchObject(unavailable);
    tenant.state.fault = undefined;
    await tenant.clock.advance(minute);
    await expect(find(tenant, 'one')).resolves.toBeDefined();
  });

  test('are given up at the upstream timeout when the endpoint hangs', async () => {
    const tenant = createTenant([one.jwk]);
    tenant.state.gate = new Promise(() => {});
    const asked = refusal(tenant, 'one');
    await tenant.clock.advance(3_000);
    expect(await asked).toMatchObject(unavailable);
    expect(tenant.clock.pending()).toBe(0);
  });

  test('are not waited for longer than the request lasts', async () => {
    const tenant = createTenant([one.jwk]);
    tenant.state.gate = new Promise(() => {});
    const request = new AbortController();
    const asked = tenant.keys.find('one', request.signal).catch((error: unknown) => error);
    request.abort(new BrokerError('deadline'));
    expect(await asked).toMatchObject({ reason: 'deadline' });
    await tenant.clock.advance(3_000);
  });

  test('are there or not, as can be told without asking', async () => {
    const tenant = createTenant([one.jwk]);
    expect(tenant.keys.areLoaded()).toBe(false);
    await tenant.keys.load(signal);
    expect(tenant.keys.areLoaded()).toBe(true);
    tenant.state.fault = down();
    await tenant.clock.advance(24 * hour);
    expect(tenant.keys.areLoaded()).toBe(false);
    expect(tenant.state.fetches).toBe(1);
  });

  test('cannot be told where the tenant’s first answer has none that has a name: no token is a forgery for that', async () => {
    expect(await refusal(createTenant([]), 'one')).toMatchObject(unavailable);
    const nameless = JSON.parse(JSON.stringify({ ...one.jwk, kid: undefined })) as PublishedKey;
    expect(await refusal(createTenant([nameless]), 'one')).toMatchObject(unavailable);
  });

  test('are kept when the tenant answers with none', async () => {
    const tenant = createTenant([one.jwk]);
    await find(tenant, 'one');
    tenant.state.published = [];
    await tenant.clock.advance(hour);
    await find(tenant, 'one');
    expect(tenant.state.fetches).toBe(2);
    await expect(find(tenant, 'one')).resolves.toBeDefined();
    expect(tenant.failures).toHaveLength(1);
  });

  test('are a matter of the wall clock in nothing', async () => {
    const tenant = createTenant([one.jwk]);
    await find(tenant, 'one');
    tenant.clock.setWall(tenant.clock.wall() + 365 * 24 * hour);
    tenant.state.fault = down();
    await expect(find(tenant, 'one')).resolves.toBeDefined();
    expect(tenant.state.fetches).toBe(1);
  });
});

describe('a key', () => {
  test('that the tenant has withdrawn is no longer current, and no longer found', async () => {
    const tenant = createTenant([one.jwk]);
    const key = await find(tenant, 'one');
    expect(tenant.keys.isCurrent('one', key)).toBe(true);
    tenant.state.published = [two.jwk];
    await tenant.clock.advance(hour);
    await find(tenant, 'one');
    await expect(tenant.keys.find('two', signal)).resolves.toBeDefined();
    expect(tenant.keys.isCurrent('one', key)).toBe(false);
    expect(await refusal(tenant, 'one')).toMatchObject(unknown);
  });

  test.each<[string, PublishedKey]>([
    ['a new one', { ...two.jwk, kid: 'one' }],
    ['one with the same modulus', { ...one.jwk, e: 'AQAD' }],
    ['one with the same exponent', { ...one.jwk, n: two.jwk.n ?? '' }],
  ])('that replaces another under the same kid makes the other no longer current: %s', async (_what, replacement) => {
    const tenant = createTenant([one.jwk]);
    const key = await find(tenant, 'one');
    tenant.state.published = [replacement];
    await tenant.clock.advance(hour);
    await find(tenant, 'one');
    await find(tenant, 'one');
    expect(tenant.keys.isCurrent('one', key)).toBe(false);
  });

  test('that is still published stays the current one through a refresh', async () => {
    const tenant = createTenant([one.jwk]);
    const key = await find(tenant, 'one');
    await tenant.clock.advance(hour);
    await find(tenant, 'one');
    expect(tenant.keys.isCurrent('one', key)).toBe(true);
  });

  const weak = createSigner('weak', 1_024);
  const lengthen = (n: string) => Buffer.concat([Buffer.alloc(128), Buffer.from(n, 'base64url')]).toString('base64url');
  test.each<[string, PublishedKey]>([
    ['is shorter than 2048 bits', weak.jwk],
    ['is shorter than 2048 bits, zeros before it aside', { ...weak.jwk, n: lengthen(weak.jwk.n ?? '') }],
    ['has the exponent 1', { ...two.jwk, e: 'AQ' }],
    ['has the exponent 3', { ...two.jwk, e: 'Aw' }],
    ['has an exponent that is no text', JSON.parse(JSON.stringify({ ...two.jwk, e: 65_537 }))],
    ['is of another issuer', { ...two.jwk, issuer: 'https://login.microsoftonline.com/other/v2.0' }],
    ['is of any tenant of another cloud', { ...two.jwk, issuer: 'https://login.microsoftonline.us/{tenantid}/v2.0' }],
    ['is for encryption', { ...two.jwk, use: 'enc' }],
    ['is for another algorithm', { ...two.jwk, alg: 'RS384' }],
    ['is symmetric', { kty: 'oct', kid: 'two', k: 'c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldC1zZWNyZXQ' }],
    ['is of an elliptic curve', { kty: 'EC', kid: 'two', crv: 'P-256', x: 'x', y: 'y' }],
    ['is broken', { kty: 'RSA', kid: 'two', n: two.jwk.n ?? '' }],
    ['has no modulus', { kty: 'RSA', kid: 'two', e: 'AQAB' }],
    ['has a modulus that is no text', JSON.parse(JSON.stringify({ ...two.jwk, n: 5 }))],
    ['is said to be for signing alone', { ...two.jwk, key_ops: ['sign'] }],
    ['has no name', JSON.parse(JSON.stringify({ ...two.jwk, kid: undefined }))],
  ])('that %s is passed over, and the others stay', async (_what, jwk) => {
    const tenant = createTenant([jwk, one.jwk]);
    await expect(find(tenant, 'one')).resolves.toBeDefined();
    expect(await refusal(tenant, jwk.kid ?? '')).toMatchObject(unknown);
  });

  test.each<[string, PublishedKey]>([
    ['whose issuer and use are not told', { kty: 'RSA', kid: 'one', n: one.jwk.n ?? '', e: 'AQAB' }],
    ['whose algorithm is told', { ...one.jwk, alg: 'RS256' }],
    ['of any tenant of ours', { ...one.jwk, issuer: 'https://login.microsoftonline.com/{tenantid}/v2.0' }],
    ['of 3072 bits', createSigner('one', 3_072).jwk],
  ])('%s is taken', async (_what, jwk) => {
    await expect(find(createTenant([jwk]), 'one')).resolves.toBeDefined();
  });

  test('is for verifying RS256 alone', async () => {
    expect(await find(createTenant([one.jwk]), 'one')).toMatchObject({
      usages: ['verify'],
      algorithm: { name: 'RSASSA-PKCS1-v1_5', hash: { name: 'SHA-256' } },
    });
  });
});
