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

  test('is read once a second, however many scopes ask', async () => {
    const { tokens, vault, entra, clock, signal } = createCredentials();
    const scopes = [scope, otherScope];
    entra.secrets.delete(clientId);
    const refused = () =>
      Promise.all(scopes.map((each) => expect(tokens.of(client, each).reload(signal)).rejects.toThrow()));
    await refused();
    // The first read, and the one after the refusal.
    expect(vault.state.reads.get('okq8-client-secret')).toBe(2);
    for (let times = 0; times < 9; times += 1) {
      await clock.advance(100);
      await refused();
    }
    expect(vault.state.reads.get('okq8-client-secret')).toBe(2);
    await clock.advance(100);
    await refused();
    expect(vault.state.reads.get('okq8-client-secret')).toBe(3);
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

describe('a new version of a client secret', () => {
  const day = 86_400_000;

  test('that Entra does not take yet fails no request: for a minute the version before stands in', async () => {
    const { withToken, tokens, vault, entra, clock, signal } = createCredentials();
    await withToken();
    vault.put('okq8-client-secret', 'secret-2');
    await clock.advance(1_800_000);
    // The token is refreshed with the copy at hand, which is read again in the background.
    await withToken();
    await clock.advance(0);
    entra.state.requests.length = 0;
    expect((await tokens.of(client, otherScope).get(0, signal)).value.authorization.open()).toMatch(/^Bearer token-/);
    expect(entra.state.requests).toEqual([otherScope, otherScope]);
  });

  test('is used as soon as Entra takes it', async () => {
    const { withToken, vault, entra, clock } = createCredentials();
    await withToken();
    vault.put('okq8-client-secret', 'secret-2');
    entra.secrets.set(clientId, 'secret-2');
    await clock.advance(1_800_000);
    await withToken();
    await clock.advance(0);
    expect((await withToken()).lifeMs).toBe(300_000);
    await clock.advance(3_000_000);
    expect((await withToken()).lifeMs).toBe(300_000);
  });

  test.each([
    [61, []],
    [60, [60]],
    [31, [31]],
    [30, [30]],
    [7, [7]],
    [0, [0]],
    [-3, [0]],
  ])('that ends in %d days is warned of: %j', async (days, expected) => {
    const { withToken, vault, clock, onExpiring } = createCredentials();
    vault.state.expiresOn = clock.wall() + days * day;
    await withToken();
    expect(onExpiring.mock.calls.map(([, daysLeft]) => daysLeft)).toEqual(expected);
  });

  test('is warned of once for each of 60 and 30 days, and on each day of the last week', async () => {
    const { withToken, vault, clock, onExpiring } = createCredentials();
    vault.state.expiresOn = clock.wall() + 61 * day;
    for (let hour = 0; hour < 61 * 24; hour += 1) {
      await withToken();
      await clock.advance(3_600_000);
    }
    expect(onExpiring.mock.calls.map(([, daysLeft]) => daysLeft)).toEqual([60, 30, 7, 6, 5, 4, 3, 2, 1, 0]);
  });
});
