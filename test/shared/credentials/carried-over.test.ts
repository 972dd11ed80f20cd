import { describe, expect, test } from '@jest/globals';
import type { ClientName, Guid, SecretName, SubscriptionName } from '../../../shared/names.ts';
import { client, createCredentials, otherScope, scope, subscription } from '../../support/credentials.ts';

const secretName = 'okq8-payments' as SecretName;
const other = 'another' as SubscriptionName;

describe('the key of a subscription', () => {
  test('is carried over to a configuration that has the same source for it', () => {
    const { keysOf, keys } = createCredentials();
    const next = keysOf(
      new Map([
        [other, { secretName: 'other' as SecretName, isRotated: true }],
        [subscription, { secretName, isRotated: false }],
      ]),
    );
    expect(next.of(subscription)).toBe(keys.of(subscription));
  });

  test.each([
    ['another secret', { secretName: 'other' as SecretName, isRotated: false }],
    ['a rotation, under which a copy has another life', { secretName, isRotated: true }],
  ])('is read anew where the configuration has %s', (_what, source) => {
    const { keysOf, keys } = createCredentials();
    expect(keysOf(new Map([[subscription, source]])).of(subscription)).not.toBe(keys.of(subscription));
  });

  test('can still be had by whoever goes by the configuration before', async () => {
    const { keysOf, keys, signal } = createCredentials();
    const next = keysOf(new Map());
    expect((await keys.of(subscription).get(0, signal)).value.secret.open()).toBe('key-1');
    expect(() => next.of(subscription)).toThrow('unexpected');
  });

  test('has the life that the terms give at the time of its read', async () => {
    const { clock, keysOf, terms, signal } = createCredentials({ isRotated: true });
    const rotated = new Map([[subscription, { secretName, isRotated: true }]]);
    const lifeMs = async () => {
      const { expiresAt } = await keysOf(rotated).of(subscription).reload(signal);
      return expiresAt - clock.monotonic();
    };
    expect(await lifeMs()).toBe(60_000 + 300_000 - 20_000);
    terms.headerLifetimeMs = 600_000;
    expect(await lifeMs()).toBe(60_000 + 600_000 - 20_000);
  });
});

describe('the token of a client', () => {
  const scopesOf = (...scopes: (typeof scope)[]) => new Set(scopes);

  test('is carried over to a configuration in which the client is the same, whatever scopes it gains or loses', () => {
    const { tokens, tokensOf, registration } = createCredentials();
    const fewer = tokensOf([{ ...registration, scopes: scopesOf(scope) }]);
    expect(fewer.of(client, scope)).toBe(tokens.of(client, scope));
    expect(() => fewer.of(client, otherScope)).toThrow('unexpected');
    const more = tokensOf([{ ...registration, scopes: scopesOf(otherScope, scope) }]);
    expect(more.of(client, scope)).toBe(tokens.of(client, scope));
    expect(more.of(client, otherScope)).not.toBe(tokens.of(client, otherScope));
  });

  test.each([
    ['client id', { clientId: '00000000-0000-4000-8000-000000000001' as Guid }],
    ['tenant', { tenantId: '00000000-0000-4000-8000-000000000001' as Guid }],
    ['secret', { secretName: 'other' as SecretName }],
  ])('is acquired anew where the client has another %s', (_what, change) => {
    const { tokens, tokensOf, registration } = createCredentials();
    const next = tokensOf([{ ...registration, ...change, scopes: scopesOf(scope) }]);
    expect(next.of(client, scope)).not.toBe(tokens.of(client, scope));
  });

  test('is not that of a client of another name', () => {
    const { tokensOf, registration } = createCredentials();
    const next = tokensOf([{ ...registration, name: 'other' as ClientName, scopes: scopesOf(scope) }]);
    expect(() => next.of(client, scope)).toThrow('unexpected');
  });
});

describe('a deadline that is changed', () => {
  const never = new Promise<void>(() => {});

  test.each([
    ['the read of a key', 'vault', 'key', 'vault-unavailable'],
    ['the read of a client secret', 'vault', 'token', 'vault-unavailable'],
    ['a token request', 'entra', 'token', 'entra-unavailable'],
  ] as const)('holds for the next of what is kept: %s', async (_what, slow, part, reason) => {
    const { clock, vault, entra, terms, tokens, keys, signal, fingerprints } = createCredentials();
    await fingerprints.get(0, signal);
    terms.upstreamTimeoutMs = 500;
    (slow === 'vault' ? vault : entra).state.gate = never;
    const cache = part === 'key' ? keys.of(subscription) : tokens.of(client, scope);
    const outcome = cache.get(0, signal).catch((error: unknown) => error);
    let isOver = false;
    void outcome.then(() => (isOver = true));
    await clock.advance(499);
    expect(isOver).toBe(false);
    await clock.advance(1);
    expect(await outcome).toMatchObject({ reason });
  });
});
