import { describe, expect, test } from '@jest/globals';
import { BrokerError } from '../../../shared/errors.ts';
import { createCredentials } from '../../support/credentials.ts';

const minute = 60_000;
const lifetime = 5 * minute;
/** C, less the two clocks between a header set and its use. */
const readAge = minute - 2 * 10_000;

/** A key under rotation, promised for a while from now; read once, after which Key Vault is down. */
async function createOutage(promisedMs: number | undefined) {
  const all = createCredentials({ isRotated: true });
  all.vault.facts.generation = 3;
  if (promisedMs !== undefined) all.vault.facts.safeUntil = all.clock.wall() + promisedMs;
  await all.keyOnly();
  all.vault.state.fault = new BrokerError('vault-unavailable');
  return all;
}

describe('a key under rotation', () => {
  test('is handed out until its promise ends, however old the copy, and no header set outlives the promise', async () => {
    const { keyOnly, clock } = await createOutage(6 * 60 * minute);
    await clock.advance(6 * 60 * minute - lifetime);
    expect((await keyOnly()).lifeMs).toBe(lifetime);
    await clock.advance(4 * minute);
    expect((await keyOnly()).lifeMs).toBe(minute);
    await clock.advance(minute);
    await expect(keyOnly()).rejects.toMatchObject({ reason: 'vault-unavailable' });
  });

  test('is handed out for no longer than it is promised by the wall clock as it is now, and not as it was at the read', async () => {
    const { keyOnly, clock } = await createOutage(6 * 60 * minute);
    await clock.advance(6 * 60 * minute - lifetime);
    clock.setWall(clock.wall() + 20_000);
    expect((await keyOnly()).lifeMs).toBe(lifetime - 20_000);
    clock.setWall(clock.wall() - 40_000);
    expect((await keyOnly()).lifeMs).toBe(lifetime);
  });

  test.each([
    ['without a promise', undefined],
    ['whose promise has ended', -minute],
    ['whose promise ends sooner', 2 * minute],
  ])(
    '%s is handed out on a read that is younger than C, and no header set outlives C + H − 2ε from its start',
    async (_name, promisedMs) => {
      const { keyOnly, clock } = await createOutage(promisedMs);
      await clock.advance(readAge);
      expect((await keyOnly()).lifeMs).toBe(lifetime);
      await clock.advance(4 * minute);
      expect((await keyOnly()).lifeMs).toBe(minute);
      await clock.advance(minute);
      await expect(keyOnly()).rejects.toMatchObject({ reason: 'vault-unavailable' });
    },
  );

  test('without a promise is read again for whoever asks past C', async () => {
    const { keyOnly, vault, clock } = createCredentials({ isRotated: true });
    await keyOnly();
    await clock.advance(readAge + 1);
    vault.put('okq8-payments', 'key-2');
    expect((await keyOnly()).headers[0]?.value.open()).toBe('key-2');
  });

  test('counts the age of a read from its start: a slow one is old when it ends', async () => {
    const { keyOnly, vault, clock } = createCredentials({ isRotated: true });
    const { promise, resolve } = Promise.withResolvers<void>();
    vault.state.gate = promise;
    const asking = keyOnly();
    await clock.advance(2_000);
    resolve();
    expect((await asking).lifeMs).toBe(lifetime);
    vault.state.fault = new BrokerError('vault-unavailable');
    await clock.advance(readAge - 2_000);
    expect((await keyOnly()).lifeMs).toBe(lifetime);
    await clock.advance(1_000);
    expect((await keyOnly()).lifeMs).toBe(lifetime - 1_000);
  });

  test('never goes back a generation: a read that shows an older version is no read', async () => {
    const { keyOnly, vault, clock } = createCredentials({ isRotated: true });
    vault.facts.generation = 4;
    vault.put('okq8-payments', 'key-4');
    await keyOnly();
    vault.facts.generation = 3;
    vault.put('okq8-payments', 'key-3');
    await clock.advance(5 * minute);
    expect((await keyOnly()).headers[0]?.value.open()).toBe('key-4');
    await clock.advance(minute);
    await expect(keyOnly()).rejects.toMatchObject({ reason: 'vault-unavailable' });
  });

  test('keeps its promise when the wall clock is set while it is held', async () => {
    const { keyOnly, clock } = await createOutage(60 * minute);
    clock.setWall(clock.wall() - 24 * 60 * minute);
    await clock.advance(60 * minute);
    await expect(keyOnly()).rejects.toMatchObject({ reason: 'vault-unavailable' });
  });
});
