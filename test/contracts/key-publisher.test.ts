import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createIdentity } from '../../shared/azure/identity.ts';
import { createKeyPublishers } from '../../shared/azure/key-publisher.ts';
import { alternateOf } from '../../shared/azure/key-tags.ts';
import { BrokerError } from '../../shared/errors.ts';
import type { Fingerprint, SecretName } from '../../shared/names.ts';
import type { KeyPublisher } from '../../shared/rotation/ports.ts';
import { Secret } from '../../shared/secret.ts';
import { eventually, startBrokerOnStack, type BrokerOnStack } from '../support/broker-on-stack.ts';
import { createMemoryVault } from '../support/memory-rotation.ts';

type Tags = Readonly<Record<string, string>>;
type Subject = {
  publisherOf: (name: SecretName) => KeyPublisher;
  /** Adds a version, as a person does. */
  put: (name: SecretName, value: string, tags?: Tags) => Promise<void>;
  /** The tags of each version, the oldest first. */
  tagsOf: (name: SecretName) => Promise<readonly Tags[]>;
  makeReadOnly: (name: SecretName) => Promise<void>;
  /** Has the next calls refused with a wait of 7 s. */
  throttle: () => Promise<void>;
};

const signal = new AbortController().signal;
const safeUntil = Date.UTC(2026, 10, 24, 9, 0, 0, 5);
const facts = { generation: 7, slot: 'secondary', fingerprint: 'AbCdEfGhIj-_' as Fingerprint, safeUntil } as const;
const publication = { secret: new Secret('CANARYnew'), ...facts };
const written = {
  generation: '7',
  slot: 'secondary',
  fingerprint: 'AbCdEfGhIj-_',
  safeUntil: '2026-11-24T09:00:00.005Z',
};
let on: BrokerOnStack;
let name: SecretName;
let count = 0;
beforeAll(async () => {
  on = await startBrokerOnStack();
});
beforeEach(() => {
  name = `published-${(count += 1)}` as SecretName;
});
afterEach(() => on.steer('/faults', 'DELETE'));
afterAll(() => on.close());

const fault = (fields: object) => on.steer('/faults', 'POST', { target: 'vault', ...fields });

function inMemory(): Subject {
  const { publisherOf, put, versionsOf, state } = createMemoryVault();
  return {
    publisherOf,
    put: async (...version) => put(...version),
    tagsOf: async (secret) => versionsOf(secret).map(({ tags }) => tags),
    makeReadOnly: async () => {
      state.isReadOnly = true;
    },
    throttle: async () => {
      state.fault = new BrokerError('vault-unavailable', { retryAfterMs: 7_000 });
    },
  };
}

function inKeyVault(): Subject {
  const options = { clientId: undefined, upstreamTimeoutMs: () => 3_000, onFailure: () => {} };
  const vault = { url: on.stack.settings['KEY_VAULT_URL'] ?? '', verifyChallenge: false };
  return {
    publisherOf: createKeyPublishers({ clock: on.clock, credential: createIdentity(on.clock, options) }, vault),
    put: async (secret, value, tags) => {
      await on.steer(`/vault/${secret}`, 'POST', { value, ...(tags && { tags }) });
    },
    tagsOf: async (secret) =>
      on.stack.vault
        .show(secret)
        ?.versions.map(({ tags }) => tags)
        .toReversed() ?? [],
    makeReadOnly: async (secret) => {
      await on.steer(`/vault/${secret}`, 'POST', { readOnly: true });
    },
    throttle: async () => {
      await fault({ status: 429, headers: { 'Retry-After': '7' } });
    },
  };
}

const writes: readonly (readonly [string, (publisher: KeyPublisher) => Promise<void>])[] = [
  ['publishing', (publisher) => publisher.publish(publication, signal)],
  ['tagging', async (publisher) => publisher.tag((await publisher.read(signal)).version, facts, signal)],
  ['storing the alternate', (publisher) => publisher.storeAlternate(publication, signal)],
  ['the probe', (publisher) => publisher.probeWritable(signal)],
];

describe.each([
  ['in memory', inMemory],
  ['in Key Vault', inKeyVault],
])('a key publisher %s', (_kind, of) => {
  test('publishes a key with what is known of it, and reads it back', async () => {
    const { publisherOf, tagsOf } = of();
    const publisher = publisherOf(name);
    await publisher.publish(publication, signal);
    const { secret, version, ...read } = await publisher.read(signal);
    expect([secret.open(), read]).toEqual(['CANARYnew', facts]);
    expect(version).toEqual(expect.any(String));
    expect(await tagsOf(name)).toEqual([written]);
  });

  test('makes a new version with every publish, and reads the newest', async () => {
    const publisher = of().publisherOf(name);
    await publisher.publish(publication, signal);
    const first = await publisher.read(signal);
    await publisher.publish({ ...publication, generation: 8, secret: new Secret('CANARYnewer') }, signal);
    const second = await publisher.read(signal);
    expect([second.secret.open(), second.generation]).toEqual(['CANARYnewer', 8]);
    expect(second.version).not.toBe(first.version);
    expect((await publisher.read(signal)).version).toBe(second.version);
  });

  test('reads a key that rotation has not met as one of which nothing is known', async () => {
    const { publisherOf, put } = of();
    await put(name, 'CANARYold', { owner: 'payments-team' });
    const { secret, version, ...read } = await publisherOf(name).read(signal);
    expect([secret.open(), version]).toEqual(['CANARYold', expect.any(String)]);
    expect(read).toEqual({ generation: undefined, slot: undefined, fingerprint: undefined, safeUntil: undefined });
  });

  test('says that there is no such key, in whichever way it is asked', async () => {
    const publisher = of().publisherOf(name);
    const missing = { code: 'upstream-rejected', reason: 'vault-secret-missing' };
    await expect(publisher.read(signal)).rejects.toMatchObject(missing);
    await expect(publisher.tag('0'.repeat(32), facts, signal)).rejects.toMatchObject(missing);
    await expect(publisher.probeWritable(signal)).rejects.toMatchObject(missing);
  });

  test('tags a version without making another, and leaves the tags of others', async () => {
    const { publisherOf, put, tagsOf } = of();
    const publisher = publisherOf(name);
    await put(name, 'CANARYold', { owner: 'payments-team' });
    const { version } = await publisher.read(signal);
    await put(name, 'CANARYnewer');
    await publisher.tag(version, facts, signal);
    await publisher.tag(version, { ...facts, safeUntil: safeUntil + 1 }, signal);
    const tags = { owner: 'payments-team', ...written, safeUntil: '2026-11-24T09:00:00.006Z' };
    expect(await tagsOf(name)).toEqual([tags, {}]);
    expect((await publisher.read(signal)).secret.open()).toBe('CANARYnewer');
  });

  test('carries the tags of others over to a key that it publishes after reading, and nothing of its own', async () => {
    const { publisherOf, put, tagsOf } = of();
    const publisher = publisherOf(name);
    await put(name, 'CANARYold', { owner: 'payments-team', ...written, generation: '6' });
    await publisher.read(signal);
    await publisher.publish(publication, signal);
    expect((await tagsOf(name)).at(-1)).toEqual({ owner: 'payments-team', ...written });
  });

  test('keeps the other slot’s key beside the published one, with the tags of others and without a promise', async () => {
    const { publisherOf, put, tagsOf } = of();
    await put(name, 'CANARYold');
    await publisherOf(name).storeAlternate(publication, signal);
    await put(alternateOf(name), 'CANARYother', { owner: 'payments-team', ...written });
    await publisherOf(name).storeAlternate(publication, signal);
    const { secret, ...read } = await publisherOf(alternateOf(name)).read(signal);
    expect([secret.open(), read]).toEqual([
      'CANARYnew',
      { ...facts, safeUntil: undefined, version: expect.any(String) },
    ]);
    const { safeUntil: _promise, ...tags } = written;
    const before = { owner: 'payments-team', ...written };
    expect(await tagsOf(alternateOf(name))).toEqual([tags, before, { owner: 'payments-team', ...tags }]);
    expect((await publisherOf(name).read(signal)).secret.open()).toBe('CANARYold');
    expect(await tagsOf(name)).toHaveLength(1);
  });

  test.each([
    ['generation', ['', '0', '-1', '1.5', '07', '1e3', ' 7', 'seven', '9999999999999999']],
    [
      'safeUntil',
      ['', '0', '1795000000000', '2026-11-24', '2026-11-24T09:00:00Z', '2026-02-30T09:00:00.000Z', 'never'],
    ],
  ])('refuses a key whose %s cannot be read, whatever else it says', async (tag, values) => {
    const { publisherOf, put } = of();
    for (const value of values) {
      await put(name, 'CANARYold', { ...written, [tag]: value });
      await expect(publisherOf(name).read(signal)).rejects.toMatchObject({
        code: 'upstream-rejected',
        reason: 'vault-secret-malformed',
      });
    }
  });

  test.each([
    ['slot', ['', 'Primary', 'tertiary']],
    ['fingerprint', ['', 'AbCdEfGhIj-', 'AbCdEfGhIj-_x', 'AbCdEfGhIj+/']],
  ] as const)('knows no %s from a tag that says none, and refuses no key because of it', async (tag, values) => {
    const { publisherOf, put } = of();
    for (const value of values) {
      await put(name, 'CANARYold', { ...written, [tag]: value });
      expect(await publisherOf(name).read(signal)).toMatchObject({ ...facts, [tag]: undefined });
    }
  });

  test.each(['key\n', 'a key', 'kéy'])('refuses a key that no header can carry: %j', async (value) => {
    const { publisherOf, put } = of();
    await put(name, value, written);
    await expect(publisherOf(name).read(signal)).rejects.toMatchObject({ reason: 'vault-secret-malformed' });
  });

  test('probes whether the vault can be written, and leaves all as it was', async () => {
    const { publisherOf, put, tagsOf } = of();
    const publisher = publisherOf(name);
    await put(name, 'CANARYolder', { owner: 'somebody' });
    await put(name, 'CANARYold', { owner: 'payments-team', ...written });
    const before = [await tagsOf(name), (await publisher.read(signal)).version];
    await publisher.probeWritable(signal);
    expect([await tagsOf(name), (await publisher.read(signal)).version]).toEqual(before);
  });

  test.each(writes)('says that a vault cannot be written: %s', async (_write, run) => {
    const { publisherOf, put, makeReadOnly, tagsOf } = of();
    await put(name, 'CANARYold', { owner: 'payments-team' });
    await put(alternateOf(name), 'CANARYother');
    await makeReadOnly(name);
    await makeReadOnly(alternateOf(name));
    await expect(run(publisherOf(name))).rejects.toMatchObject({
      code: 'upstream-rejected',
      reason: 'vault-forbidden',
    });
    expect(await tagsOf(name)).toEqual([{ owner: 'payments-team' }]);
  });

  test.each([...writes, ['reading', async (publisher: KeyPublisher) => void (await publisher.read(signal))] as const])(
    'passes on how long the vault wants to be left alone: %s',
    async (_call, run) => {
      const { publisherOf, put, throttle } = of();
      await put(name, 'CANARYold');
      await throttle();
      await expect(run(publisherOf(name))).rejects.toMatchObject({ reason: 'vault-unavailable', retryAfterMs: 7_000 });
    },
  );

  test('hands out what prints nothing', async () => {
    const publisher = of().publisherOf(name);
    await publisher.publish(publication, signal);
    expect(inspect(await publisher.read(signal), { depth: 9 })).not.toContain('CANARYnew');
  });
});

describe('in Key Vault', () => {
  const requests = async () =>
    (await on.counts())
      .filter(({ target, status }) => target === 'vault' && status !== 401)
      .map(({ method, status, count: times }) => [method, status, times])
      .toSorted((one, other) => (String(one) < String(other) ? -1 : 1));
  beforeEach(async () => {
    await inKeyVault().put(name, 'CANARYold');
    await on.steer('/requests', 'DELETE');
  });

  test('a publish is one request, also when that fails: nothing comes between the caller’s look at the clock and the write', async () => {
    const publisher = inKeyVault().publisherOf(name);
    await publisher.read(signal);
    await publisher.publish(publication, signal);
    await fault({ method: 'PUT', status: 503 });
    await expect(publisher.publish(publication, signal)).rejects.toMatchObject({
      reason: 'vault-unavailable',
      upstream: 503,
    });
    expect(await requests()).toEqual([
      ['GET', 200, 1],
      ['PUT', 200, 1],
      ['PUT', 503, 1],
    ]);
  });

  test('no alternate is stored blindly: when the tags of the newest version cannot be read, nothing is written', async () => {
    await fault({ method: 'GET', status: 503 });
    await expect(inKeyVault().publisherOf(name).storeAlternate(publication, signal)).rejects.toMatchObject({
      reason: 'vault-unavailable',
    });
    expect((await requests()).filter(([method]) => method === 'PUT')).toEqual([]);
  });

  test('a publish whose answer is lost throws, and the next read shows that it was done', async () => {
    const publisher = inKeyVault().publisherOf(name);
    await publisher.read(signal);
    await fault({ method: 'PUT', after: true, reset: true });
    const failing = publisher.publish(publication, signal);
    await expect(failing).rejects.toMatchObject({ reason: 'vault-unavailable', upstream: 'ECONNRESET' });
    expect((await publisher.read(signal)).secret.open()).toBe('CANARYnew');
  });

  test.each(['PUT', 'PATCH'])('no error of a %s tells the key, or the token', async (method) => {
    const publisher = inKeyVault().publisherOf(name);
    await publisher.read(signal);
    const told: string[] = [];
    for (const kind of [{ status: 400 }, { status: 500 }, { status: 200, body: '<html>' }, { reset: true }]) {
      await fault({ method, ...kind, times: 1 });
      const run = method === 'PUT' ? publisher.publish(publication, signal) : publisher.probeWritable(signal);
      const error = await run.catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(BrokerError);
      told.push(inspect(error, { depth: 9, showHidden: true }));
      await on.steer('/faults', 'DELETE');
    }
    expect(told.join('\n')).not.toMatch(/CANARY|Bearer|eyJ/);
  });

  test.each([
    ['reading', async (publisher: KeyPublisher) => void (await publisher.read(signal)), ['GET']] as const,
    ...writes.map((write) => [...write, ['PUT', 'PATCH']] as const),
  ])('%s ends with its abort signal', async (_call, run, methods) => {
    const publisher = inKeyVault().publisherOf(name);
    await publisher.read(signal);
    await on.steer('/requests', 'DELETE');
    for (const method of methods) await fault({ method, hang: true });
    const controller = new AbortController();
    const aborted: KeyPublisher = {
      read: () => publisher.read(controller.signal),
      publish: (given) => publisher.publish(given, controller.signal),
      tag: (version, tags) => publisher.tag(version, tags, controller.signal),
      storeAlternate: (given) => publisher.storeAlternate(given, controller.signal),
      probeWritable: () => publisher.probeWritable(controller.signal),
    };
    const running = run(aborted);
    await eventually(async () => (await requests()).some(([, status]) => status === 0));
    controller.abort();
    await expect(running).rejects.toMatchObject({ reason: 'vault-unavailable' });
  });

  test('a newest version that is disabled is said to be', async () => {
    await on.steer(`/vault/${name}`, 'POST', { enabled: false });
    for (const call of [
      (publisher: KeyPublisher) => publisher.read(signal),
      ...writes.slice(1, 2).map(([, run]) => run),
    ]) {
      await expect(call(inKeyVault().publisherOf(name))).rejects.toMatchObject({ reason: 'vault-secret-disabled' });
    }
  });

  test('more tags than Key Vault takes are refused before anything is written', async () => {
    const tags = Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`tag-${index}`, 'x']));
    await inKeyVault().put(name, 'CANARYold', tags);
    const publisher = inKeyVault().publisherOf(name);
    const { version } = await publisher.read(signal);
    await expect(publisher.tag(version, facts, signal)).rejects.toMatchObject({ reason: 'vault-refused' });
    expect((await publisher.read(signal)).generation).toBeUndefined();
  });
});
