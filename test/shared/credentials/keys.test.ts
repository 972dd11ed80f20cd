import { describe, expect, test } from '@jest/globals';
import { createKeys } from '../../../shared/credentials/keys.ts';
import type { Rereading } from '../../../shared/credentials/rereading.ts';
import { BrokerError } from '../../../shared/errors.ts';
import type { SecretName, SubscriptionName } from '../../../shared/names.ts';
import { createCredentials, subscription } from '../../support/credentials.ts';

const minute = 60_000;
const secretName = 'okq8-payments' as SecretName;

/** The key of one subscription over a vault in memory, with what was told of loads that failed. */
function createFixture({ isRotated = true, rereading }: { isRotated?: boolean; rereading?: Rereading } = {}) {
  const made = createCredentials();
  const { clock, vault, fingerprints, terms } = made;
  const failures: unknown[] = [];
  const keysOf = createKeys(
    { clock, store: vault.keyStore, fingerprints },
    { terms: () => terms, onFailure: (...failure) => void failures.push(failure), ...(rereading && { rereading }) },
  );
  const keys = keysOf(new Map([[subscription, { secretName, isRotated }]]));
  return { ...made, key: keys.of(subscription), keys, failures };
}

describe('a subscription’s key', () => {
  test('is known with what rotation says of it, and when it was read', async () => {
    const { key, vault, clock, signal } = createFixture();
    await clock.advance(5_000);
    Object.assign(vault.facts, { generation: 3, slot: 'secondary', safeUntil: clock.wall() + 60 * minute });
    const { value } = await key.get(0, signal);
    expect(value).toMatchObject({
      generation: 3,
      slot: 'secondary',
      safeUntil: clock.wall() + 60 * minute,
      readAt: clock.wall(),
      freshUntil: 5_000 + 60_000 + 300_000 - 20_000,
    });
    expect(value.secret.open()).toBe('key-1');
    expect(value.fingerprint).toMatch(/^[\w-]{12}$/);
  });

  test('may be without a generation, and is not gone back from once it has one', async () => {
    const { key, vault, signal } = createFixture();
    expect((await key.get(0, signal)).value.generation).toBeUndefined();
    vault.facts.generation = 2;
    await key.reload(signal);
    delete vault.facts.generation;
    expect((await key.reload(signal)).value.generation).toBeUndefined();
    vault.facts.generation = 1;
    await expect(key.reload(signal)).rejects.toMatchObject({ reason: 'vault-unavailable' });
    vault.facts.generation = 2;
    expect((await key.reload(signal)).value.generation).toBe(2);
  });

  test('that cannot be read is told with its subscription', async () => {
    const { key, vault, failures, signal } = createFixture();
    const error = new BrokerError('vault-forbidden');
    vault.state.fault = error;
    await expect(key.get(0, signal)).rejects.toBe(error);
    expect(failures).toEqual([[subscription, error]]);
  });

  test('whose promise is over before it is read is not offered, and no more is claimed than that it was not to be had', async () => {
    const { key, terms, signal } = createFixture();
    Object.assign(terms, { headerLifetimeMs: 5_000, readAgeMs: 5_000, skewMs: 5_000 });
    await expect(key.get(0, signal)).rejects.toMatchObject({ reason: 'vault-unavailable' });
  });

  test('of a subscription that is not configured is a defect of ours', () => {
    expect(() => createFixture().keys.of('nosuch' as SubscriptionName)).toThrow('unexpected');
  });

  test('that nobody rotates is good for an hour from its read, whatever is promised', async () => {
    const { key, vault, clock, signal } = createFixture({ isRotated: false });
    vault.facts.safeUntil = clock.wall() + 600 * minute;
    expect(await key.get(0, signal)).toMatchObject({ refreshAt: 5 * minute, expiresAt: 60 * minute });
  });
});

describe('when it is read again', () => {
  test('is spread as it is told', async () => {
    const { key, signal } = createFixture({
      isRotated: false,
      rereading: { afterMs: () => 5 * minute, spread: () => 0 },
    });
    expect((await key.get(0, signal)).refreshAt).toBe((5 * minute) / 4);
  });

  test('is put off while nobody waits for it and it may not begin', async () => {
    let isHeld = true;
    const { key, vault, clock, signal } = createFixture({
      isRotated: false,
      rereading: { afterMs: () => 5 * minute, mayBegin: () => !isHeld },
    });
    const reads = () => vault.state.reads.get(secretName);
    await key.get(0, signal);
    await clock.advance(20 * minute);
    await key.get(0, signal);
    expect(reads()).toBe(1);
    isHeld = false;
    await key.get(0, signal);
    expect(reads()).toBe(2);
    await clock.advance(0);
  });

  test('is five minutes after its read, also where the clock has gone on before that', async () => {
    const { key, clock, signal } = createFixture({ isRotated: false });
    await clock.advance(7 * minute);
    expect((await key.get(0, signal)).refreshAt).toBe(12 * minute);
  });

  test('is with less of its life left than that where it is promised for less than ten minutes', async () => {
    const { key, vault, clock, terms, signal } = createFixture();
    terms.headerLifetimeMs = minute;
    vault.facts.safeUntil = clock.wall() + 8 * minute;
    expect(await key.get(0, signal)).toMatchObject({ refreshAt: 5 * minute, expiresAt: 8 * minute });
  });
});
