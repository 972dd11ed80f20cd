import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createConfigBlob } from '../../shared/azure/config-blob.ts';
import { createIdentity } from '../../shared/azure/identity.ts';
import type { ConfigSource } from '../../shared/config/source.ts';
import { BrokerError } from '../../shared/errors.ts';
import { startBrokerOnStack, type BrokerOnStack } from '../support/broker-on-stack.ts';
import { createMemoryConfig } from '../support/memory-config.ts';

type Subject = {
  source: ConfigSource;
  put(text: string): Promise<void>;
  remove(): Promise<void>;
  /** Has the next reads answered 503, with a wait of 7 s, or 403, until `recover`. */
  fail(status: 503 | 403): Promise<void>;
  recover(): Promise<void>;
};

const signal = new AbortController().signal;
let on: BrokerOnStack;
beforeAll(async () => {
  on = await startBrokerOnStack({ configBlob: true });
}, 120_000);
afterEach(() => on.steer('/faults', 'DELETE'));
afterAll(() => on.close());

const blob = () => {
  const held = on.stack.configBlob;
  if (!held) throw new TypeError('There is no blob.');
  return held;
};
const credential = () =>
  createIdentity(on.clock, { clientId: undefined, upstreamTimeoutMs: () => 3_000, onFailure: () => {} });
const create = () => createConfigBlob({ clock: on.clock, credential: credential() }, { url: blob().url });
const fault = (fields: object) => on.steer('/faults', 'POST', { target: 'storage', ...fields });

function inMemory(): Subject {
  const { source, state, put } = createMemoryConfig();
  return {
    source,
    put: async (text) => put(text),
    remove: async () => put(undefined),
    fail: async (status) => {
      state.fault =
        status === 503
          ? new BrokerError('storage-unavailable', { retryAfterMs: 7_000 })
          : new BrokerError('storage-refused');
    },
    recover: async () => {
      state.fault = undefined;
    },
  };
}

function inBlob(): Subject {
  return {
    source: create(),
    put: (text) => blob().put(text),
    remove: () => blob().remove(),
    fail: async (status) => {
      await fault({ status, ...(status === 503 && { headers: { 'Retry-After': '7' } }) });
    },
    recover: async () => {
      await on.steer('/faults', 'DELETE');
    },
  };
}

describe.each([
  ['in memory', inMemory],
  ['in a blob', inBlob],
])('a configuration %s', (_kind, of) => {
  test('is read as it was written, byte order mark and all', async () => {
    const { source, put } = of();
    const text = '\uFEFF{ "name": "räksmörgås" }\n';
    await put(text);
    const read = await source.read(undefined, signal);
    expect(read?.text?.replace(/^\uFEFF/, '')).toBe(text.slice(1));
    expect(read?.etag).toEqual(expect.any(String));
  });

  test('is not read again while it is the same', async () => {
    const { source, put } = of();
    await put('{}');
    const { etag } = (await source.read(undefined, signal)) ?? {};
    expect(await source.read(etag, signal)).toBeUndefined();
    await put('{ }');
    const changed = await source.read(etag, signal);
    expect(changed?.text).toBe('{ }');
    expect(changed?.etag).not.toBe(etag);
  });

  test('is given up when it is longer than 1 MiB, and has an ETag nonetheless', async () => {
    const { source, put } = of();
    await put('x'.repeat(1_048_576));
    expect((await source.read(undefined, signal))?.text).toHaveLength(1_048_576);
    await put('x'.repeat(1_048_577));
    const read = await source.read(undefined, signal);
    expect(read).toEqual({ text: undefined, etag: expect.any(String) });
    expect(await source.read(read?.etag, signal)).toBeUndefined();
  });

  test('that is not there is refused', async () => {
    const { source, put, remove } = of();
    await put('{}');
    await remove();
    await expect(source.read(undefined, signal)).rejects.toMatchObject({ reason: 'storage-refused' });
    await put('{}');
    expect((await source.read(undefined, signal))?.text).toBe('{}');
  });

  test('that may not be read is refused, and one that is down is unavailable with the time to wait', async () => {
    const { source, put, fail, recover } = of();
    await put('{}');
    await fail(403);
    await expect(source.read(undefined, signal)).rejects.toMatchObject({ reason: 'storage-refused' });
    await recover();
    await fail(503);
    await expect(source.read(undefined, signal)).rejects.toMatchObject({
      reason: 'storage-unavailable',
      retryAfterMs: 7_000,
    });
    await recover();
    expect((await source.read(undefined, signal))?.text).toBe('{}');
  });
});

describe('a blob', () => {
  beforeEach(() => blob().put('{}'));

  const refusalOf = (reading: Promise<unknown>) => reading.catch((error: unknown) => error);

  test.each([
    ['an HTML page of a proxy', { status: 200, headers: { 'Content-Type': 'text/html' }, body: '<html></html>' }],
    ['a 304 that nobody asked for', { status: 304 }],
    ['a connection that is cut', { reset: true }],
    ['a throttle', { status: 429 }],
  ])('is unavailable for %s', async (_what, fields) => {
    await fault(fields);
    await expect(create().read(undefined, signal)).rejects.toMatchObject({ reason: 'storage-unavailable' });
  });

  test('is asked for in one request, with the identity’s token, and no redirect takes that along', async () => {
    await on.steer('/requests', 'DELETE');
    await fault({ status: 307, headers: { Location: `${on.stack.ready().control}/stolen` }, times: 1 });
    expect(await refusalOf(create().read(undefined, signal))).toMatchObject({
      reason: 'storage-refused',
      upstream: 307,
    });
    const counts = (await on.counts()).filter(({ target }) => target === 'storage');
    expect(counts.map(({ status, count }) => [status, count])).toEqual([[307, 1]]);
  });

  test('names the service’s own error, and nothing else of its answer', async () => {
    await blob().remove();
    const error = await refusalOf(create().read(undefined, signal));
    expect(error).toMatchObject({ reason: 'storage-refused', upstream: 'BlobNotFound' });
    await fault({ status: 403, headers: { 'x-ms-error-code': 'Not a code: CANARY' }, body: 'CANARY' });
    expect(await refusalOf(create().read(undefined, signal))).toMatchObject({ upstream: 403 });
  });

  test('is not asked for when the identity has no token', async () => {
    await on.steer('/requests', 'DELETE');
    const withoutToken = { getToken: () => Promise.reject(new BrokerError('identity-refused')) };
    const source = createConfigBlob({ clock: on.clock, credential: withoutToken }, { url: blob().url });
    await expect(source.read(undefined, signal)).rejects.toMatchObject({ reason: 'identity-refused' });
    expect((await on.counts()).filter(({ target }) => target === 'storage')).toEqual([]);
  });

  test('is given up when the signal says so', async () => {
    await fault({ hang: true });
    const controller = new AbortController();
    const reading = refusalOf(create().read(undefined, controller.signal));
    controller.abort();
    expect(await reading).toBeInstanceOf(BrokerError);
  });
});
