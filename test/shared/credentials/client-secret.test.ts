import { describe, expect, test } from '@jest/globals';
import { createClientSecret } from '../../../shared/credentials/client-secret.ts';
import type { StoredSecret } from '../../../shared/credentials/ports.ts';
import { BrokerError, type Reason } from '../../../shared/errors.ts';
import type { SecretName } from '../../../shared/names.ts';
import { client, createCredentials, otherScope, scope } from '../../support/credentials.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { createMemoryStore } from '../../support/memory-ports.ts';

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

describe('the secret of a client alone', () => {
  const hour = 3_600_000;

  /** Attempts are made with it; each is noted by the version, and refused for the reason that stands for it. */
  function createFixture({ afterMs }: { afterMs?: number } = {}) {
    const clock = createManualClock();
    const vault = createMemoryStore({ 'okq8-client-secret': 'secret-1' });
    const warnings: number[] = [];
    const refusals = new Map<string, Reason>();
    const attempts: string[] = [];
    const secret = createClientSecret(clock, vault.store, {
      secretName: 'okq8-client-secret' as SecretName,
      upstreamTimeoutMs: () => 3_000,
      onFailure: () => {},
      onExpiring: (days) => void warnings.push(days),
      ...(afterMs !== undefined && { rereading: { afterMs: () => afterMs } }),
    });
    const attempt = async ({ version }: StoredSecret) => {
      attempts.push(version);
      const reason = refusals.get(version);
      if (reason) throw new BrokerError(reason);
      return version;
    };
    const use = () => secret.use(attempt);
    const reads = () => vault.state.reads.get('okq8-client-secret');
    const renew = () => vault.put('okq8-client-secret', 'a newer one');
    return { clock, vault, warnings, refusals, attempts, secret, use, reads, renew };
  }

  test('is known by what was last read, and by nothing before', async () => {
    const { secret, use, renew, clock } = createFixture();
    expect(secret.peek()).toBeUndefined();
    await use();
    expect(secret.peek()?.version).toBe('1');
    renew();
    await clock.advance(300_000);
    await use();
    await clock.advance(0);
    expect(secret.peek()?.version).toBe('2');
  });

  test.each(['entra-secret-wrong', 'entra-secret-expired', 'entra-certificate-refused'] as const)(
    'is read again when it is refused for %s, and a newer version is tried at once',
    async (reason) => {
      const { use, refusals, renew, attempts, reads, clock } = createFixture();
      refusals.set('1', reason);
      await use().catch(() => {});
      renew();
      await clock.advance(1_000);
      expect(await use()).toBe('2');
      expect([attempts, reads()]).toEqual([['1', '2'], 3]);
    },
  );

  test.each(['entra-unavailable', 'entra-scope-refused', 'entra-client-unknown'] as const)(
    'is not read again for a failure that is not its own: %s',
    async (reason) => {
      const { use, refusals, attempts, reads } = createFixture();
      refusals.set('1', reason);
      for (let times = 0; times < 3; times += 1) await expect(use()).rejects.toMatchObject({ reason });
      expect([attempts, reads()]).toEqual([['1', '1', '1'], 1]);
    },
  );

  test('fails as Entra does with a newer version, and the one before does not stand in for that', async () => {
    const { use, refusals, renew, attempts } = createFixture();
    await use();
    refusals.set('1', 'entra-secret-expired').set('2', 'entra-unavailable');
    renew();
    await expect(use()).rejects.toMatchObject({ reason: 'entra-unavailable' });
    expect(attempts).toEqual(['1', '1', '2']);
  });

  test('is not stood in for by a version that was itself refused', async () => {
    const { use, refusals, renew, attempts, clock } = createFixture();
    refusals.set('1', 'entra-secret-expired').set('2', 'entra-secret-wrong');
    await use().catch(() => {});
    renew();
    await clock.advance(1_000);
    await expect(use()).rejects.toMatchObject({ reason: 'entra-secret-wrong' });
    await expect(use()).rejects.toMatchObject({ reason: 'entra-secret-wrong' });
    expect(attempts).toEqual(['1', '2']);
  });

  test('is stood in for by the version before for a minute, and no longer', async () => {
    const { use, refusals, renew, clock, attempts } = createFixture();
    await use();
    renew();
    refusals.set('2', 'entra-secret-wrong');
    await clock.advance(300_000);
    await use();
    await clock.advance(59_999);
    expect(await use()).toBe('1');
    expect(await use()).toBe('1');
    await clock.advance(1);
    await expect(use()).rejects.toMatchObject({ reason: 'entra-secret-wrong' });
    expect(attempts).toEqual(['1', '1', '2', '1', '1']);
  });

  test('that is refused is left alone for 20 s, and read again by each who asks meanwhile', async () => {
    const { use, refusals, clock, attempts, reads } = createFixture();
    refusals.set('1', 'entra-secret-wrong');
    await use().catch(() => {});
    await clock.advance(19_999);
    await use().catch(() => {});
    expect([attempts.length, reads()]).toEqual([1, 3]);
    await clock.advance(1);
    await use().catch(() => {});
    expect(attempts).toHaveLength(2);
  });

  test('cannot be told from none where Key Vault hangs', async () => {
    const { use, vault, clock, attempts } = createFixture();
    vault.state.gate = new Promise(() => {});
    const refused = expect(use()).rejects.toMatchObject({ reason: 'vault-unavailable' });
    await clock.advance(3_000);
    await refused;
    expect(attempts).toEqual([]);
  });

  test('rides out a day without Key Vault, and no more', async () => {
    const { use, vault, clock } = createFixture();
    await use();
    vault.state.fault = new BrokerError('vault-unavailable');
    await clock.advance(24 * hour - 10_000);
    expect(await use()).toBe('1');
    await clock.advance(1);
    await expect(use()).rejects.toMatchObject({ reason: 'vault-unavailable' });
  });

  test.each([
    ['every five minutes', undefined, 300_000],
    ['as rarely as it is told', 2 * hour, 2 * hour],
    ['at half of a day at the latest', 20 * hour, 12 * hour],
  ])('is read again %s', async (_when, afterMs, expectedMs) => {
    const { use, clock, reads } = createFixture(afterMs === undefined ? {} : { afterMs });
    await use();
    await clock.advance(expectedMs - 1);
    await use();
    expect(reads()).toBe(1);
    await clock.advance(1);
    await use();
    expect(reads()).toBe(2);
  });

  test('is warned of once for each version that is about to end', async () => {
    const { use, vault, warnings, clock, renew } = createFixture();
    vault.state.expiresOn = clock.wall() + 20 * 86_400_000;
    for (let times = 0; times < 3; times += 1) {
      await use();
      await clock.advance(300_000);
    }
    expect(warnings).toEqual([20]);
    renew();
    await use();
    await clock.advance(0);
    expect(warnings).toEqual([20, 19]);
  });
});
