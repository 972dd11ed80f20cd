import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { apis, clients } from '../../local/sample.ts';
import { createTokenIssuer } from '../../shared/azure/entra.ts';
import type { TokenIssuer } from '../../shared/credentials/ports.ts';
import { BrokerError } from '../../shared/errors.ts';
import type { ClientName, Guid } from '../../shared/names.ts';
import { Secret } from '../../shared/secret.ts';
import { startBrokerOnStack, type BrokerOnStack } from '../support/broker-on-stack.ts';
import { createMemoryIssuer } from '../support/memory-ports.ts';

type Subject = {
  issuer: TokenIssuer;
  /** Has the next requests refused with a wait of 7 s, until it is called with `false`. */
  throttle(on: boolean): Promise<void>;
  /** How many token requests there were. */
  requests(): Promise<number>;
};

const { tenantId = '', clientId = '' } = clients['okq8'] ?? {};
const client = { name: 'okq8' as ClientName, tenantId: tenantId as Guid, clientId: clientId as Guid };
const good = { secret: new Secret('CANARYgood'), version: '2' };
const wrong = { secret: new Secret('CANARYwrong'), version: '1' };
const scope = `${apis['payments']?.oauth?.scope}/.default`;
const signal = new AbortController().signal;
/** A client that has a secret needs none. */
const noIdentity = { getToken: () => Promise.reject(new BrokerError('unexpected')) };
let on: BrokerOnStack;
beforeAll(async () => {
  on = await startBrokerOnStack();
  await on.steer('/entra', 'POST', { secret: { client: 'okq8', value: good.secret.open() } });
});
afterAll(() => on.close());

function inMemory(): Subject {
  const { issuer, state } = createMemoryIssuer(on.clock, { [clientId]: good.secret.open() });
  return {
    issuer,
    requests: async () => state.requests.length,
    throttle: async (throttled) => {
      state.fault = throttled ? new BrokerError('entra-unavailable', { retryAfterMs: 7_000 }) : undefined;
    },
  };
}

function atEntra(): Subject {
  return {
    issuer: createTokenIssuer(on.clock, noIdentity, { authorityHost: on.stack.settings['AZURE_AUTHORITY_HOST'] ?? '' }),
    requests: async () => {
      const counts = (await on.counts()).filter(({ path }) => path.endsWith('/token') && path.includes(tenantId));
      return counts.reduce((sum, { count }) => sum + count, 0);
    },
    throttle: async (throttled) => {
      if (!throttled) await on.steer('/faults', 'DELETE');
      else await on.steer('/faults', 'POST', { target: 'entra', status: 429, headers: { 'Retry-After': '7' } });
    },
  };
}

describe.each([
  ['in memory', inMemory],
  ['at Entra', atEntra],
])('a token issuer %s', (_name, create) => {
  test('issues a token with its life, counted from before the request', async () => {
    const before = on.clock.monotonic();
    const { token, startedAt, lifeMs } = await create().issuer.acquire(client, good, scope, signal);
    expect(token.open()).toMatch(/^[\x21-\x7e]+$/);
    expect({ startedAt, lifeMs }).toEqual({ startedAt: before, lifeMs: 3_599_000 });
  });

  test('makes one request for each call, and caches nothing', async () => {
    const { issuer, requests } = create();
    const before = await requests();
    const [first, second] = [
      await issuer.acquire(client, good, scope, signal),
      await issuer.acquire(client, good, scope, signal),
    ];
    expect(second.token.open()).not.toBe(first.token.open());
    expect((await requests()) - before).toBe(2);
  });

  test('says that the secret is wrong, and takes a newer version right after', async () => {
    const { issuer } = create();
    await expect(issuer.acquire(client, wrong, scope, signal)).rejects.toMatchObject({
      code: 'upstream-rejected',
      reason: 'entra-secret-wrong',
    });
    expect((await issuer.acquire(client, good, scope, signal)).lifeMs).toBeGreaterThan(0);
  });

  test('passes on how long it wants to be left alone, and keeps nobody out afterwards', async () => {
    const { issuer, throttle } = create();
    await throttle(true);
    await expect(issuer.acquire(client, good, scope, signal)).rejects.toMatchObject({
      reason: 'entra-unavailable',
      retryAfterMs: 7_000,
    });
    await throttle(false);
    expect((await issuer.acquire(client, good, scope, signal)).lifeMs).toBeGreaterThan(0);
  });
});

test('a request to Entra ends with its abort signal', async () => {
  const { issuer } = atEntra();
  await on.steer('/faults', 'POST', { target: 'entra', hang: true });
  const controller = new AbortController();
  const acquiring = issuer.acquire(client, good, scope, controller.signal);
  controller.abort();
  await expect(acquiring).rejects.toMatchObject({ reason: 'entra-unavailable' });
  await on.steer('/faults', 'DELETE');
});

test('a client without a secret: what the identity says is passed on, and Entra is not asked', async () => {
  const identity = { getToken: () => Promise.reject(new BrokerError('identity-unavailable')) };
  const issuer = createTokenIssuer(on.clock, identity, {
    authorityHost: on.stack.settings['AZURE_AUTHORITY_HOST'] ?? '',
  });
  await on.steer('/requests', 'DELETE');
  await expect(issuer.acquire(client, undefined, scope, signal)).rejects.toMatchObject({
    reason: 'identity-unavailable',
  });
  expect((await on.counts()).filter(({ target }) => target === 'entra')).toEqual([]);
});
