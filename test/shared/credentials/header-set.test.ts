import { describe, expect, test } from '@jest/globals';
import { BrokerError } from '../../../shared/errors.ts';
import { client, createCredentials, scope, subscription } from '../../support/credentials.ts';

const minute = 60_000;

const opened = (set: Awaited<ReturnType<ReturnType<typeof createCredentials>['withToken']>>) =>
  Object.fromEntries(set.headers.map(({ name, value }) => [name, value.open()]));

describe('a header set', () => {
  test('of a key-only API has the key alone', async () => {
    expect(opened(await createCredentials().keyOnly())).toEqual({ 'Ocp-Apim-Subscription-Key': 'key-1' });
  });

  test('of an API with OAuth has the key and the bearer token', async () => {
    expect(opened(await createCredentials().withToken())).toEqual({
      'Ocp-Apim-Subscription-Key': 'key-1',
      Authorization: 'Bearer token-1',
    });
  });

  test('is good for the header lifetime when its parts are good for longer', async () => {
    expect((await createCredentials().withToken()).lifeMs).toBe(5 * minute);
  });

  test('has an id that names its parts and tells neither', async () => {
    const { withToken, keyOnly } = createCredentials();
    const set = await withToken();
    expect(set.id).toBe(`hs_${set.key}${set.token}`);
    expect((await keyOnly()).id).toBe(`hs_${set.key}`);
    expect(set.id).not.toMatch(/key-1|token-1/);
  });

  test('of any number of cold callers costs one token request and one read of each secret', async () => {
    const { withToken, entra, vault } = createCredentials();
    await Promise.all(Array.from({ length: 500 }, withToken));
    expect(entra.state.requests).toHaveLength(1);
    expect(Object.fromEntries(vault.state.reads)).toEqual({
      'okq8-payments': 1,
      'okq8-client-secret': 1,
      'fingerprint-key': 1,
    });
  });

  test('is told from what is cached whether it would have to wait', async () => {
    const { headerSets, keyOnly, clock, signal } = createCredentials();
    const requirement = { subscription };
    expect(headerSets.isCached(requirement)).toBe(false);
    await keyOnly();
    expect(headerSets.isCached(requirement)).toBe(true);
    const withToken = { subscription, token: { client, scope } };
    expect(headerSets.isCached(withToken)).toBe(false);
    await headerSets.handOut(withToken, signal);
    expect(headerSets.isCached(withToken)).toBe(true);
    await clock.advance(60 * minute);
    expect(headerSets.isCached(requirement)).toBe(false);
  });

  test('is not said to be there where its token is and its key is not', async () => {
    const { headerSets, tokens, signal } = createCredentials();
    await tokens.of(client, scope).get(0, signal);
    expect(headerSets.isCached({ subscription, token: { client, scope } })).toBe(false);
  });
});

describe('while Entra is down', () => {
  test('the cached token serves to its end, with what is left of it, and nobody waits', async () => {
    const { withToken, entra, clock } = createCredentials();
    await withToken();
    entra.state.fault = new BrokerError('entra-unavailable');
    const lives: number[] = [];
    for (let at = 1; at <= 59; at += 1) {
      await clock.advance(minute);
      lives.push((await withToken()).lifeMs);
    }
    expect(lives.slice(0, 54)).toEqual(Array.from({ length: 54 }, () => 5 * minute));
    // 3,599 s less the ten that an API's clock may be ahead.
    expect(lives.slice(54)).toEqual([289_000, 229_000, 169_000, 109_000, 49_000]);
    await clock.advance(minute);
    await expect(withToken()).rejects.toMatchObject({ code: 'upstream-unavailable', reason: 'entra-unavailable' });
  });

  test('APIs that need no token are served', async () => {
    const { keyOnly, entra } = createCredentials();
    entra.state.fault = new BrokerError('entra-unavailable');
    expect((await keyOnly()).lifeMs).toBe(5 * minute);
  });
});

describe('while Key Vault is down', () => {
  test('the cached key serves for an hour from its last read, and nobody waits', async () => {
    const { keyOnly, vault, clock } = createCredentials();
    await keyOnly();
    vault.state.fault = new BrokerError('vault-unavailable');
    vault.state.gate = Promise.resolve();
    for (let at = 1; at <= 59; at += 1) {
      await clock.advance(minute);
      expect((await keyOnly()).lifeMs).toBe(Math.min(5, 60 - at) * minute);
    }
    await clock.advance(minute);
    await expect(keyOnly()).rejects.toMatchObject({ code: 'upstream-unavailable', reason: 'vault-unavailable' });
  });

  test('a read that hangs is given up after the upstream timeout', async () => {
    const { keyOnly, vault, clock } = createCredentials();
    vault.state.gate = new Promise(() => {});
    const refused = expect(keyOnly()).rejects.toMatchObject({ reason: 'vault-unavailable' });
    await clock.advance(3_000);
    await refused;
  });

  test('a refresh that hangs makes nobody wait', async () => {
    const { keyOnly, vault, clock } = createCredentials();
    await keyOnly();
    vault.state.gate = new Promise(() => {});
    await clock.advance(6 * minute);
    expect((await keyOnly()).lifeMs).toBe(5 * minute);
  });
});

describe('a new version of a key', () => {
  test('is taken up within five minutes and one request', async () => {
    const { keyOnly, vault, clock } = createCredentials();
    await keyOnly();
    vault.put('okq8-payments', 'key-2');
    await clock.advance(5 * minute);
    expect(opened(await keyOnly())).toEqual({ 'Ocp-Apim-Subscription-Key': 'key-1' });
    await clock.advance(0);
    expect(opened(await keyOnly())).toEqual({ 'Ocp-Apim-Subscription-Key': 'key-2' });
  });
});

describe('what cannot be a header', () => {
  test.each([['key\n'], ['key one'], ['k\u00e9y'], [' key'], ['key\r\nX-Injected: 1']])(
    'a stored key %j is refused',
    async (value) => {
      const { keyOnly, vault } = createCredentials();
      vault.put('okq8-payments', value);
      await expect(keyOnly()).rejects.toMatchObject({ code: 'upstream-rejected', reason: 'vault-secret-malformed' });
    },
  );

  test('a client secret with a newline is refused before Entra is asked', async () => {
    const { withToken, vault, entra } = createCredentials();
    vault.put('okq8-client-secret', 'secret-1\n');
    await expect(withToken()).rejects.toMatchObject({ reason: 'vault-secret-malformed' });
    expect(entra.state.requests).toEqual([]);
  });

  test.each([[0], [-1], [5_000], [19_999], [Number.NaN], [Infinity], [86_400_001]])(
    'a token life of %d ms is refused',
    async (lifeMs) => {
      const { withToken, entra } = createCredentials();
      entra.state.lifeMs = lifeMs;
      await expect(withToken()).rejects.toMatchObject({ reason: 'entra-answer-malformed' });
    },
  );

  test('a fingerprint key that could be guessed is refused', async () => {
    const { keyOnly, vault } = createCredentials();
    vault.put('fingerprint-key', 'f'.repeat(31));
    await expect(keyOnly()).rejects.toMatchObject({ reason: 'vault-secret-malformed' });
  });
});

test('a key that comes to its end while the token is waited for is not handed out', async () => {
  const { keyOnly, withToken, entra, vault, clock } = createCredentials();
  await keyOnly();
  vault.state.fault = new BrokerError('vault-unavailable');
  await clock.advance(60 * minute - 12_000);
  entra.state.gate = new Promise(() => {});
  const refused = expect(withToken()).rejects.toMatchObject({ code: 'upstream-unavailable' });
  await clock.advance(20_000);
  await refused;
});
