import { describe, expect, test } from '@jest/globals';
import type { ClientConfig, SubscriptionConfig } from '../../../shared/config/config.ts';
import { BrokerError } from '../../../shared/errors.ts';
import type { ClientName, Fingerprint, ScopeName, SecretName, SubscriptionName } from '../../../shared/names.ts';
import { toClientView, toKeyView, type Caches } from '../../../shared/operations/credential-views.ts';
import type { Loaded, Refreshing } from '../../../shared/refreshing.ts';
import { Secret } from '../../../shared/secret.ts';
import type { Load } from '../../../shared/telemetry/meter.ts';
import { caller } from '../../support/caller-tokens.ts';
import { createManualClock } from '../../support/manual-clock.ts';

const subscription: SubscriptionConfig = {
  name: 'okq8-core' as SubscriptionName,
  secret: 'okq8-core' as SecretName,
  authority: undefined,
  probe: undefined,
  rotation: undefined,
};
const client: ClientConfig = {
  name: 'okq8' as ClientName,
  tenantId: caller.clientId,
  clientId: caller.clientId,
  credential: { kind: 'secret', secret: 'okq8-client-secret' as SecretName },
};
const scope = 'api://a/.default' as ScopeName;
const fingerprint = 'AbCdEfGhIj-_' as Fingerprint;
const dayMs = 86_400_000;

/** A cache that holds this, and must not be asked to load. */
const holding = <T>(loaded: Loaded<T> | undefined): Refreshing<T> => {
  const refuse = () => Promise.reject(new BrokerError('unexpected'));
  return { peek: () => loaded, get: refuse, reload: refuse };
};

type Held = {
  key?: object;
  isCached?: boolean;
  expiresOn?: number;
  failing?: Load['kind'];
};

function createCaches({ key = {}, isCached = true, expiresOn, failing }: Held = {}): Caches {
  const clock = createManualClock({ monotonic: 5_000_000 });
  const times = { refreshAt: clock.monotonic() + 1_000, expiresAt: clock.monotonic() + 60_000 };
  const held = {
    secret: new Secret('CANARYfeedface'),
    fingerprint,
    freshUntil: Infinity,
    readAt: clock.wall() - 2_000,
    ...key,
  };
  const subscriptionKey = { generation: undefined, slot: undefined, safeUntil: undefined, ...held };
  const token = { authorization: new Secret('Bearer CANARYfeedface'), fingerprint };
  return {
    clock,
    keys: { of: () => holding(isCached ? { value: subscriptionKey, ...times } : undefined) },
    tokens: {
      of: () => holding(isCached ? { value: token, ...times } : undefined),
      secretExpiryOf: () => expiresOn,
    },
    figures: {
      failureOf: ({ kind }) =>
        kind === failing
          ? { on: new Date(0).toISOString() as never, reason: 'vault-unavailable', times: 3 }
          : undefined,
    },
  };
}

const failure = { on: '1970-01-01T00:00:00.000Z', reason: 'vault-unavailable', times: 3 };

describe('a key as an instance has it', () => {
  test('is told with moments of the wall clock, and without the key', () => {
    const key = { generation: 7, slot: 'secondary', safeUntil: Date.UTC(2026, 10, 24, 9) };
    const view = toKeyView(createCaches({ key }), subscription);
    expect(view).toEqual({
      fingerprint,
      generation: 7,
      slot: 'secondary',
      safeUntil: '2026-11-24T09:00:00.000Z',
      readOn: '2026-11-24T02:59:58.000Z',
      usableUntil: '2026-11-24T03:01:00.000Z',
      lastFailure: null,
    });
    expect(JSON.stringify(view)).not.toContain('CANARY');
  });

  test('is nothing where it has none, but why', () => {
    expect(toKeyView(createCaches({ isCached: false, failing: 'key' }), subscription)).toEqual({
      fingerprint: null,
      generation: null,
      slot: null,
      safeUntil: null,
      readOn: null,
      usableUntil: null,
      lastFailure: failure,
    });
  });

  test('is told though it is promised beyond what can be written', () => {
    const view = toKeyView(createCaches({ key: { safeUntil: 8_640_000_000_000_000 } }), subscription);
    expect(view.safeUntil).toBe('9999-12-31T23:59:59.999Z');
  });
});

describe('a client as an instance has it', () => {
  const now = createManualClock().wall();
  const view = (held: Held) => toClientView(createCaches(held), client, [scope]);

  test('is told with its tokens, and without any of them', () => {
    const seen = view({});
    expect(seen).toEqual({
      name: 'okq8',
      tenantId: caller.clientId,
      credential: 'secret',
      secret: { expiresOn: null, daysLeft: null, lastFailure: null },
      tokens: [
        {
          scope,
          fingerprint,
          refreshOn: '2026-11-24T03:00:01.000Z',
          usableUntil: '2026-11-24T03:01:00.000Z',
          lastFailure: null,
        },
      ],
    });
    expect(JSON.stringify(seen)).not.toContain('CANARY');
  });

  test.each([
    [now + 2 * dayMs, 2],
    [now + 2 * dayMs - 1, 1],
    [now + 1, 0],
    [now - 5 * dayMs, 0],
  ])('has as many days left until %i as are whole: %i', (expiresOn, daysLeft) => {
    const { secret } = view({ expiresOn });
    expect(secret).toMatchObject({ daysLeft, expiresOn: new Date(expiresOn).toISOString() });
  });

  test('says of each part why it is not there', () => {
    const none = { fingerprint: null, refreshOn: null, usableUntil: null };
    expect(view({ isCached: false, failing: 'token' }).tokens).toEqual([{ scope, ...none, lastFailure: failure }]);
    expect(view({ failing: 'client-secret' })).toMatchObject({
      secret: { lastFailure: failure },
      tokens: [{ lastFailure: null }],
    });
  });
});
