import { describe, expect, test } from '@jest/globals';
import type { StoredSecret } from '../../../shared/credentials/ports.ts';
import { createTokens } from '../../../shared/credentials/tokens.ts';
import { BrokerError } from '../../../shared/errors.ts';
import type { ClientName, ScopeName } from '../../../shared/names.ts';
import { Secret } from '../../../shared/secret.ts';
import { client, createCredentials, otherScope, scope } from '../../support/credentials.ts';

test('no token is asked for while it could not be named', async () => {
  const { tokens, vault, entra, signal } = createCredentials();
  const read = vault.store.read;
  vault.store.read = (name, asked) =>
    name === 'fingerprint-key' ? Promise.reject(new BrokerError('vault-unavailable')) : read(name, asked);
  await expect(tokens.of(client, scope).get(0, signal)).rejects.toMatchObject({ reason: 'vault-unavailable' });
  expect(entra.state.requests).toEqual([]);
});

test('where refreshes are spread, so are those of tokens: none later than half of its life', async () => {
  const { clock, vault, entra, fingerprints, registration, signal } = createCredentials();
  const tokensOf = createTokens(
    { clock, store: vault.store, issuer: entra.issuer, fingerprints },
    {
      upstreamTimeoutMs: () => 3_000,
      onFailure: () => {},
      onExpiring: () => {},
      rereading: { afterMs: () => 300_000, spread: () => 0 },
    },
  );
  const token = tokensOf([{ ...registration, scopes: new Set([scope]) }]).of(client, scope);
  expect((await token.get(0, signal)).refreshAt).toBe(3_599_000 / 8);
});

describe('a token', () => {
  test('is refreshed from half of its life on, and offered up to ten seconds before its end', async () => {
    const { tokens, signal, clock, entra } = createCredentials();
    await clock.advance(1_000);
    entra.state.lifeMs = 86_400_000;
    const { refreshAt, expiresAt } = await tokens.of(client, scope).get(0, signal);
    expect([refreshAt, expiresAt]).toEqual([1_000 + 43_200_000, 1_000 + 86_390_000]);
  });

  test.each(['two words', 'a\nb', '', 'tøken'])('that could not stand in a header is refused: %j', async (text) => {
    const { vault, clock, fingerprints, registration, signal } = createCredentials();
    const tokensOf = createTokens(
      {
        clock,
        store: vault.store,
        issuer: {
          acquire: async () => ({ token: new Secret(text), startedAt: clock.monotonic(), lifeMs: 3_600_000 }),
        },
        fingerprints,
      },
      { upstreamTimeoutMs: () => 3_000, onFailure: () => {}, onExpiring: () => {} },
    );
    const asked = tokensOf([{ ...registration, scopes: new Set([scope]) }])
      .of(client, scope)
      .get(0, signal);
    await expect(asked).rejects.toMatchObject({ reason: 'entra-answer-malformed' });
  });

  test('of a federated client is acquired without a secret, and nothing is read for it', async () => {
    const { clock, vault, fingerprints, registration, signal } = createCredentials();
    const given: (StoredSecret | undefined)[] = [];
    const tokensOf = createTokens(
      {
        clock,
        store: vault.store,
        issuer: {
          acquire: async (_client, secret) => {
            given.push(secret);
            return { token: new Secret('token-1'), startedAt: clock.monotonic(), lifeMs: 3_600_000 };
          },
        },
        fingerprints,
      },
      { upstreamTimeoutMs: () => 3_000, onFailure: () => {}, onExpiring: () => {} },
    );
    const tokens = tokensOf([{ ...registration, secretName: undefined, scopes: new Set([scope]) }]);
    expect((await tokens.of(client, scope).get(0, signal)).value.authorization.open()).toBe('Bearer token-1');
    expect(given).toEqual([undefined]);
    expect(tokens.secretExpiryOf(client)).toBeUndefined();
    expect(vault.state.reads.get('okq8-client-secret')).toBeUndefined();
  });

  test('of a client or a scope that is not configured is a defect of ours', () => {
    const { tokens } = createCredentials();
    expect(() => tokens.of('nosuch' as ClientName, scope)).toThrow('unexpected');
    expect(() => tokens.of(client, 'api://nosuch/.default' as ScopeName)).toThrow('unexpected');
  });
});

describe('what cannot be had', () => {
  test('is told with the client, and with the scope where it is a token', async () => {
    const { tokens, entra, onFailure, signal } = createCredentials();
    const error = new BrokerError('entra-unavailable');
    entra.state.fault = error;
    await tokens
      .of(client, otherScope)
      .get(0, signal)
      .catch(() => {});
    expect(onFailure.mock.calls).toEqual([['token', client, otherScope, error]]);
  });

  test('is told as the client’s secret where that is what was not to be read', async () => {
    const { tokens, vault, onFailure, fingerprints, signal } = createCredentials();
    await fingerprints.get(0, signal);
    const error = new BrokerError('vault-forbidden');
    vault.state.fault = error;
    await tokens
      .of(client, scope)
      .get(0, signal)
      .catch(() => {});
    expect(onFailure.mock.calls).toEqual([
      ['client-secret', client, undefined, error],
      ['token', client, scope, error],
    ]);
  });
});

describe('the end of a client’s secret', () => {
  test('is known once it was read, and warned of with the client’s name', async () => {
    const { tokens, vault, clock, withToken, onExpiring } = createCredentials();
    const end = clock.wall() + 7 * 86_400_000;
    vault.state.expiresOn = end;
    expect(tokens.secretExpiryOf(client)).toBeUndefined();
    await withToken();
    expect(tokens.secretExpiryOf(client)).toBe(end);
    expect(tokens.secretExpiryOf('nosuch' as ClientName)).toBeUndefined();
    expect(onExpiring.mock.calls).toEqual([[client, 7]]);
  });
});
