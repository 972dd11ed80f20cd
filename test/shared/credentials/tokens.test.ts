import { expect, test } from '@jest/globals';
import { BrokerError } from '../../../shared/errors.ts';
import { createTokens } from '../../../shared/credentials/tokens.ts';
import { client, createCredentials, scope } from '../../support/credentials.ts';

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
