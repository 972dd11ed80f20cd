import { describe, expect, test } from '@jest/globals';
import { leastRereadMs, rereadAfterMs } from '../../../shared/credentials/rereading.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { createCredentials, subscription } from '../../support/credentials.ts';
import { createKeys } from '../../../shared/credentials/keys.ts';
import type { SecretName } from '../../../shared/names.ts';

const minute = 60_000;

describe('how old copies may grow', () => {
  test('is five minutes as long as all instances together read 200 secrets a second at most', () => {
    expect(rereadAfterMs(1, 1)).toBe(leastRereadMs);
    expect(rereadAfterMs(100, 600)).toBe(leastRereadMs);
    expect(rereadAfterMs(1_000, 60)).toBe(leastRereadMs);
  });

  test('grows with instances and secrets from there on', () => {
    expect(rereadAfterMs(1_000, 600)).toBe(3_000_000);
    expect((1_000 * 600 * 1_000) / rereadAfterMs(1_000, 600)).toBe(200);
  });
});

describe('a key that is read again rarely', () => {
  function createKey({ isRotated, afterMs, promisedMs }: { isRotated: boolean; afterMs: number; promisedMs?: number }) {
    const { vault, fingerprints, terms } = createCredentials();
    const clock = createManualClock();
    if (promisedMs !== undefined) vault.facts.safeUntil = clock.wall() + promisedMs;
    const keysOf = createKeys(
      { clock, store: vault.keyStore, fingerprints },
      { terms: () => terms, onFailure: () => {}, rereading: { afterMs: () => afterMs } },
    );
    return keysOf(new Map([[subscription, { secretName: subscription as string as SecretName, isRotated }]])).of(
      subscription,
    );
  }
  const { signal } = new AbortController();

  test('is read after as long as was asked for, where its promise is longer than twice that', async () => {
    const key = createKey({ isRotated: true, afterMs: 50 * minute, promisedMs: 270 * minute });
    expect((await key.get(0, signal)).refreshAt).toBe(50 * minute);
  });

  test('is read at half of what was promised at the latest, and of an hour where nobody rotates it', async () => {
    const rotated = createKey({ isRotated: true, afterMs: 50 * minute, promisedMs: 60 * minute });
    expect((await rotated.get(0, signal)).refreshAt).toBe(30 * minute);
    const unrotated = createKey({ isRotated: false, afterMs: 50 * minute });
    expect((await unrotated.get(0, signal)).refreshAt).toBe(30 * minute);
  });

  test('is read a header’s life before the end of its promise, however short that is, and lives no longer', async () => {
    const key = createKey({ isRotated: true, afterMs: 50 * minute, promisedMs: 8 * minute });
    expect(await key.get(0, signal)).toMatchObject({ refreshAt: 3 * minute, expiresAt: 8 * minute });
  });
});
