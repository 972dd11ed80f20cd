import { describe, expect, test } from '@jest/globals';
import { client, createCredentials, otherScope, scope } from '../../support/credentials.ts';

const clientId = '0b9c7a54-2f1d-4e3b-8c6a-5d4e3f2a1b0c';

describe('a client secret that Entra refuses', () => {
  test('is read again once, and a newer version is tried at once', async () => {
    const { withToken, tokens, vault, entra, clock, signal } = createCredentials();
    await withToken();
    vault.put('okq8-client-secret', 'secret-2');
    entra.secrets.set(clientId, 'secret-2');
    const other = await tokens.of(client, otherScope).get(0, signal);
    expect(other.value.authorization.open()).toBe('Bearer token-3');
    expect(vault.state.reads.get('okq8-client-secret')).toBe(2);
    await clock.advance(0);
  });

  test('is read again once, and the same version is not sent again for 20 s', async () => {
    const { withToken, vault, entra, clock } = createCredentials();
    entra.secrets.set(clientId, 'another');
    await expect(withToken()).rejects.toMatchObject({ code: 'upstream-rejected', reason: 'entra-secret-wrong' });
    expect(vault.state.reads.get('okq8-client-secret')).toBe(2);
    for (let second = 0; second < 19; second += 1) {
      await clock.advance(1_000);
      await expect(withToken()).rejects.toMatchObject({ reason: 'entra-secret-wrong' });
    }
    expect(entra.state.requests).toHaveLength(1);
  });

  test('is healed by a new version without a restart', async () => {
    const { withToken, vault, entra, clock } = createCredentials();
    entra.secrets.set(clientId, 'another');
    await expect(withToken()).rejects.toThrow();
    vault.put('okq8-client-secret', 'another');
    await clock.advance(1_000);
    expect((await withToken()).token).toBeDefined();
  });

  test('is tried again after 20 s, since a new secret needs some seconds until it works', async () => {
    const { withToken, entra, clock } = createCredentials();
    entra.secrets.delete(clientId);
    await expect(withToken()).rejects.toThrow();
    entra.secrets.set(clientId, 'secret-1');
    await clock.advance(20_000);
    expect((await withToken()).token).toBeDefined();
  });

  test('fails no request while the cached token is good', async () => {
    const { withToken, entra, clock } = createCredentials();
    await withToken();
    entra.secrets.delete(clientId);
    for (let minute = 1; minute < 55; minute += 1) {
      await clock.advance(60_000);
      expect((await withToken()).lifeMs).toBe(300_000);
    }
  });

  test('is sent once for both of a client’s scopes', async () => {
    const { withToken, tokens, entra, signal } = createCredentials();
    entra.secrets.delete(clientId);
    await expect(withToken()).rejects.toThrow();
    await expect(tokens.of(client, otherScope).get(0, signal)).rejects.toMatchObject({ reason: 'entra-secret-wrong' });
    expect(entra.state.requests).toEqual([scope]);
  });
});
