import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { apiManagementService } from '../../local/sample.ts';
import { createArmAuthority } from '../../shared/azure/arm-authority.ts';
import { createIdentity } from '../../shared/azure/identity.ts';
import { createKeyPublishers } from '../../shared/azure/key-publisher.ts';
import { createSecretStore } from '../../shared/azure/key-vault.ts';
import { createManualAuthority } from '../../shared/azure/manual-authority.ts';
import { createPortal } from '../../shared/azure/portal-authority.ts';
import { BrokerError } from '../../shared/errors.ts';
import type { SecretName } from '../../shared/names.ts';
import type { KeyAuthority } from '../../shared/rotation/ports.ts';
import { slots, type Slot } from '../../shared/rotation/slot.ts';
import { Secret } from '../../shared/secret.ts';
import { user } from '../local/api-management/service.ts';
import { startApiManagement, type ApiManagementOnSockets } from '../support/api-management.ts';
import { startBrokerOnStack, type BrokerOnStack } from '../support/broker-on-stack.ts';
import { createMemoryAuthority } from '../support/memory-authority.ts';

/** No worker was frozen. */
const inTime = () => true;

type Keys = Record<Slot, string>;
type Trouble = 'throttled for 7 s' | 'forbidden' | 'both the same';
type Subject = {
  authority: KeyAuthority;
  /** The keys as they are, whoever is asked. */
  keys: () => Keys;
  /** Somebody else regenerates a key. */
  change: (slot: Slot) => Promise<void>;
  /** What the authority meets from now on. */
  trouble: (kind: Trouble | undefined) => Promise<void>;
};

const signal = new AbortController().signal;
let on: BrokerOnStack;
let api: ApiManagementOnSockets;
beforeAll(async () => {
  on = await startBrokerOnStack();
  api = await startApiManagement();
});
afterEach(async () => {
  await on.steer('/faults', 'DELETE');
  api.forget();
});
afterAll(async () => {
  await api.close();
  await on.close();
});

const identity = () =>
  createIdentity(on.clock, { clientId: undefined, upstreamTimeoutMs: () => 3_000, onFailure: () => {} });

async function inMemory(): Promise<Subject> {
  const { authority, state, change } = createMemoryAuthority({ primary: 'key-one', secondary: 'key-two' });
  const faults: Partial<Record<Trouble, BrokerError>> = {
    'throttled for 7 s': new BrokerError('authority-unavailable', { retryAfterMs: 7_000 }),
    forbidden: new BrokerError('authority-refused'),
  };
  return {
    authority,
    keys: () => ({ ...state.keys }),
    change: async (slot) => change(slot),
    trouble: async (kind) => {
      state.fault = kind && faults[kind];
      if (kind === 'both the same') state.keys.secondary = state.keys.primary;
    },
  };
}

const armSubscription = 'okq8-core';

async function atResourceManager(): Promise<Subject> {
  const { azureSubscription, resourceGroup, name } = apiManagementService;
  const faults: Record<Trouble, object> = {
    'throttled for 7 s': { status: 429, headers: { 'Retry-After': '7' } },
    forbidden: { status: 403 },
    'both the same': { status: 200, body: { primaryKey: 'one', secondaryKey: 'one' } },
  };
  return {
    authority: createArmAuthority(on.clock, identity(), {
      resourceManagerUrl: on.stack.settings['AZURE_RESOURCE_MANAGER_URL'] ?? '',
      resourceId: `/subscriptions/${azureSubscription}/resourceGroups/${resourceGroup}/providers/Microsoft.ApiManagement/service/${name}/subscriptions/${armSubscription}`,
      audience: 'https://management.azure.com',
      upstreamTimeoutMs: 3_000,
    }),
    keys: () => expectKeys(on.stack.apiManagement.keys(armSubscription)),
    change: async (slot) => {
      await on.steer(`/management/${armSubscription}`, 'POST', { regenerate: slot });
    },
    trouble: async (kind) => {
      if (!kind) await on.steer('/faults', 'DELETE');
      else await on.steer('/faults', 'POST', { target: 'management', ...faults[kind] });
    },
  };
}

/** On the portal's second page. */
const portalSubscription = 's-team';

async function atPortal(): Promise<Subject> {
  const page = [{ id: portalSubscription, state: 'active', primaryKey: 'one', secondaryKey: 'one' }];
  const faults: Record<Trouble, object> = {
    'throttled for 7 s': { status: 429, headers: { 'Retry-After': '7' } },
    forbidden: { status: 403 },
    'both the same': { status: 200, body: { value: page }, path: '/users/*' },
  };
  const portal = createPortal(api.clock, {
    url: api.portal,
    credentials: { email: user.email, password: async () => new Secret(user.password) },
    upstreamTimeoutMs: 3_000,
    onFailure: () => {},
  });
  return {
    authority: portal.authorityOf(portalSubscription),
    keys: () => expectKeys(api.service.keys(portalSubscription)),
    change: async (slot) => {
      api.service.steerManagement(portalSubscription, { regenerate: slot });
    },
    trouble: async (kind) => {
      if (!kind) api.faults.lift();
      else api.faults.add({ target: 'portal', ...faults[kind] });
    },
  };
}

let manualSubjects = 0;

async function byHand(): Promise<Subject> {
  const name = `manual-${(manualSubjects += 1)}` as SecretName;
  const vault = { url: on.stack.settings['KEY_VAULT_URL'] ?? '', verifyChallenge: false };
  const credential = identity();
  const keys: Keys = { primary: 'old-primary', secondary: 'old-secondary' };
  const put = (secret: SecretName, value: string) =>
    on.steer(`/vault/${secret}`, 'POST', { value, tags: { generation: '7', slot: 'secondary' } });
  const alternate = `${name}-alternate` as SecretName;
  const secretOf = { primary: alternate, secondary: name };
  await Promise.all(slots.map((slot) => put(secretOf[slot], keys[slot])));
  return {
    authority: createManualAuthority(
      {
        publisher: createKeyPublishers({ clock: on.clock, credential }, vault)(name),
        store: createSecretStore(on.clock, credential, vault),
      },
      { alternate },
    ),
    keys: () => ({ ...keys }),
    change: async (slot) => {
      keys[slot] = `new-${slot}`;
      await put(secretOf[slot], keys[slot]);
    },
    trouble: async (kind) => {
      if (!kind) await on.steer('/faults', 'DELETE');
      else if (kind === 'both the same') await put(secretOf.primary, keys.secondary);
      else if (kind === 'forbidden') await on.steer('/faults', 'POST', { target: 'vault', status: 403 });
      else await on.steer('/faults', 'POST', { target: 'vault', status: 429, headers: { 'Retry-After': '7' } });
    },
  };
}

function expectKeys(keys: Keys | undefined): Keys {
  if (!keys) throw new Error('There is no such subscription.');
  return keys;
}

async function listed(authority: KeyAuthority): Promise<Keys> {
  const { primary, secondary } = await authority.list(signal);
  return { primary: primary.open(), secondary: secondary.open() };
}

describe.each([
  ['in memory', inMemory],
  ['at Azure Resource Manager', atResourceManager],
  ['at a developer portal', atPortal],
  ['that is a person', byHand],
])('an authority %s', (_name, create) => {
  test('lists each key in its slot', async () => {
    const { authority, keys } = await create();
    expect(await listed(authority)).toEqual(keys());
  });

  test('hands out what prints nothing', async () => {
    const { authority, keys } = await create();
    const printed = inspect(await authority.list(signal), { depth: 9 });
    expect(slots.filter((slot) => printed.includes(keys()[slot]))).toEqual([]);
  });

  test.each(slots)('lists a new %s key that somebody else has regenerated, and the other as it was', async (slot) => {
    const { authority, keys, change } = await create();
    const before = await listed(authority);
    await change(slot);
    const after = await listed(authority);
    expect(after).toEqual(keys());
    expect(slots.filter((each) => after[each] !== before[each])).toEqual([slot]);
  });

  test.each(slots)('regenerates the %s key and no other, unless a person has to', async (slot) => {
    const { authority, keys } = await create();
    const before = keys();
    const outcome = await authority.regenerate(slot, signal, inTime);
    expect(outcome.kind).toBe(authority.isManual ? 'refused' : 'done');
    const after = await listed(authority);
    expect(after).toEqual(keys());
    expect(slots.filter((each) => after[each] !== before[each])).toEqual(authority.isManual ? [] : [slot]);
  });

  test('passes on how long it wants to be left alone, and answers afterwards', async () => {
    const { authority, keys, trouble } = await create();
    const before = await listed(authority);
    await trouble('throttled for 7 s');
    await expect(authority.list(signal)).rejects.toMatchObject({ code: 'upstream-unavailable', retryAfterMs: 7_000 });
    expect(await authority.regenerate('primary', signal, inTime)).toEqual({
      kind: 'refused',
      retryAfterMs: authority.isManual ? undefined : 7_000,
    });
    await trouble(undefined);
    expect(await listed(authority)).toEqual(before);
    expect(keys()).toEqual(before);
  });

  test('says that it refuses, and has done nothing', async () => {
    const { authority, keys, trouble } = await create();
    const before = await listed(authority);
    await trouble('forbidden');
    await expect(authority.list(signal)).rejects.toMatchObject({ name: 'BrokerError', code: 'upstream-rejected' });
    expect(await authority.regenerate('secondary', signal, inTime)).toEqual({
      kind: 'refused',
      retryAfterMs: undefined,
    });
    expect(keys()).toEqual(before);
  });

  test('refuses to list two keys that are the same', async () => {
    const { authority, trouble } = await create();
    await trouble('both the same');
    await expect(authority.list(signal)).rejects.toMatchObject({ reason: 'authority-refused' });
  });

  test('does nothing for whoever has given up before', async () => {
    const { authority, keys } = await create();
    const before = await listed(authority);
    const gone = AbortSignal.abort();
    await expect(authority.list(gone)).rejects.toMatchObject({ name: 'BrokerError', code: 'upstream-unavailable' });
    expect(await authority.regenerate('primary', gone, inTime)).toEqual({ kind: 'refused', retryAfterMs: undefined });
    expect(keys()).toEqual(before);
  });
});
