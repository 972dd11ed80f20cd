import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createIdentity } from '../../shared/azure/identity.ts';
import { createSecretStore } from '../../shared/azure/key-vault.ts';
import type { SecretStore } from '../../shared/credentials/ports.ts';
import { BrokerError } from '../../shared/errors.ts';
import type { SecretName } from '../../shared/names.ts';
import { startBrokerOnStack, type BrokerOnStack } from '../support/broker-on-stack.ts';
import { createMemoryStore } from '../support/memory-ports.ts';

type Subject = {
  store: SecretStore;
  put(name: string, value: string): Promise<void>;
  /** Has the next reads refused with a wait of 7 s, until it is called with `false`. */
  throttle(on: boolean): Promise<void>;
};

const name = 'contract-secret' as SecretName;
const signal = new AbortController().signal;
let on: BrokerOnStack;
beforeAll(async () => {
  on = await startBrokerOnStack();
});
afterAll(() => on.close());

function inMemory(): Subject {
  const { store, put, state } = createMemoryStore({});
  return {
    store,
    put: async (...secret) => put(...secret),
    throttle: async (throttled) => {
      state.fault = throttled ? new BrokerError('vault-unavailable', { retryAfterMs: 7_000 }) : undefined;
    },
  };
}

function inKeyVault(): Subject {
  const options = { clientId: undefined, upstreamTimeoutMs: () => 3_000, onFailure: () => {} };
  const vault = { url: on.stack.settings['KEY_VAULT_URL'] ?? '', verifyChallenge: false };
  return {
    store: createSecretStore(on.clock, createIdentity(on.clock, options), vault),
    put: async (secret, value) => {
      await on.steer(`/vault/${secret}`, 'POST', { value });
    },
    throttle: async (throttled) => {
      if (!throttled) await on.steer('/faults', 'DELETE');
      else await on.steer('/faults', 'POST', { target: 'vault', status: 429, headers: { 'Retry-After': '7' } });
    },
  };
}

describe.each([
  ['in memory', inMemory],
  ['in Key Vault', inKeyVault],
])('a secret store %s', (_name, create) => {
  test('reads the newest version, and names it', async () => {
    const { store, put } = create();
    await put(name, 'first');
    const first = await store.read(name, signal);
    await put(name, 'second');
    const second = await store.read(name, signal);
    expect([first.secret.open(), second.secret.open()]).toEqual(['first', 'second']);
    expect(second.version).not.toBe(first.version);
    expect((await store.read(name, signal)).version).toBe(second.version);
  });

  test('hands out what prints nothing', async () => {
    const { store, put } = create();
    await put(name, 'hidden-value');
    expect(inspect(await store.read(name, signal), { depth: 9 })).not.toContain('hidden-value');
  });

  test('says that a secret is missing', async () => {
    await expect(create().store.read('no-such-secret' as SecretName, signal)).rejects.toMatchObject({
      code: 'upstream-rejected',
      reason: 'vault-secret-missing',
    });
  });

  test('passes on how long it wants to be left alone, and answers afterwards', async () => {
    const { store, put, throttle } = create();
    await put(name, 'value');
    await throttle(true);
    await expect(store.read(name, signal)).rejects.toMatchObject({ reason: 'vault-unavailable', retryAfterMs: 7_000 });
    await throttle(false);
    expect((await store.read(name, signal)).secret.open()).toBe('value');
  });
});

test('a read from Key Vault ends with its abort signal', async () => {
  const { store } = inKeyVault();
  await on.steer('/faults', 'POST', { target: 'vault', hang: true });
  const controller = new AbortController();
  const reading = store.read(name, controller.signal);
  controller.abort();
  await expect(reading).rejects.toMatchObject({ reason: 'vault-unavailable' });
  await on.steer('/faults', 'DELETE');
});

test('a vault whose challenge does not name its own domain is not given a token, unless that check is switched off', async () => {
  const identity = createIdentity(on.clock, {
    clientId: undefined,
    upstreamTimeoutMs: () => 3_000,
    onFailure: () => {},
  });
  const vault = { url: on.stack.settings['KEY_VAULT_URL'] ?? '', verifyChallenge: true };
  await on.steer('/requests', 'DELETE');
  await expect(createSecretStore(on.clock, identity, vault).read(name, signal)).rejects.toMatchObject({
    reason: 'vault-unavailable',
  });
  expect((await on.counts()).filter(({ target, status }) => target === 'vault' && status !== 401)).toEqual([]);
});
