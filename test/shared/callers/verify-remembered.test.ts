import { describe, expect, jest, test } from '@jest/globals';
import { caller, claimsAt, createSigner } from '../../support/caller-tokens.ts';
import { down, hour, minute, signal } from './tenant.ts';
import { createVerifier, type Verifier } from './verifier.ts';

const ours = createSigner('ours');
const next = createSigner('next');

const mintFor = ({ tenant }: Verifier, changes = {}, signer = ours) =>
  signer.mint(claimsAt(tenant.clock.wall(), changes));
const secondsOf = ({ tenant }: Verifier) => Math.floor(tenant.clock.wall() / 1_000);

/** Has the tenant's keys refreshed, as the first request after an hour does. */
async function refreshKeys({ tenant }: Verifier): Promise<void> {
  await tenant.clock.advance(hour);
  await tenant.keys.load(signal);
  await tenant.clock.advance(0);
}

describe('a good token', () => {
  test('is verified once and then remembered', async () => {
    const verifier = createVerifier([ours]);
    const token = await mintFor(verifier);
    for (let time = 0; time < 50; time += 1) {
      expect(await verifier.verify(token)).toMatchObject(caller);
    }
    expect(verifier.lookUps).toHaveLength(1);
  });

  test('that is presented a hundred times at once is verified once, whether it is good or forged', async () => {
    const signatures = jest.spyOn(crypto.subtle, 'verify');
    const verifier = createVerifier([ours]);
    const hundred = <T>(run: () => Promise<T>) => Promise.all(Array.from({ length: 100 }, run));
    for (const [signer, verdict] of [
      [ours, 'accepted'],
      [createSigner('ours'), { code: 'invalid-token', reason: 'signature' }],
    ] as const) {
      const token = await mintFor(verifier, {}, signer);
      signatures.mockClear();
      expect(new Set((await hundred(() => verifier.verdictOn(token))).map((each) => JSON.stringify(each)))).toEqual(
        new Set([JSON.stringify(verdict)]),
      );
      expect(signatures).toHaveBeenCalledTimes(1);
    }
    signatures.mockRestore();
  });

  test('is remembered as itself and not as another of the same caller', async () => {
    const verifier = createVerifier([ours]);
    expect((await verifier.verify(await mintFor(verifier, { roles: ['One'] }))).roles).toEqual(['One']);
    expect((await verifier.verify(await mintFor(verifier, { roles: ['Two'] }))).roles).toEqual(['Two']);
    expect(verifier.lookUps).toHaveLength(2);
  });

  test('is remembered until its own expiry and not a millisecond longer', async () => {
    const verifier = createVerifier([ours]);
    const token = await mintFor(verifier, { exp: secondsOf(verifier) + 60 });
    expect(await verifier.verdictOn(token)).toBe('accepted');
    await verifier.tenant.clock.advance(minute - 1);
    expect(await verifier.verdictOn(token)).toBe('accepted');
    await verifier.tenant.clock.advance(1);
    expect(await verifier.verdictOn(token)).toEqual({ code: 'invalid-token', reason: 'expired' });
  });

  test('expires when the wall clock is set beyond its expiry', async () => {
    const verifier = createVerifier([ours]);
    const token = await mintFor(verifier);
    expect(await verifier.verdictOn(token)).toBe('accepted');
    verifier.tenant.clock.setWall(verifier.tenant.clock.wall() + hour);
    expect(await verifier.verdictOn(token)).toEqual({ code: 'invalid-token', reason: 'expired' });
  });

  test('is no longer accepted when its key is no longer published', async () => {
    const verifier = createVerifier([ours]);
    const token = await mintFor(verifier, { exp: secondsOf(verifier) + 7_200 });
    expect(await verifier.verdictOn(token)).toBe('accepted');
    verifier.tenant.state.published = [next.jwk];
    await refreshKeys(verifier);
    expect(await verifier.verdictOn(token)).toEqual({ code: 'invalid-token', reason: 'signing-key-unknown' });
  });

  test('is no longer accepted when another key has taken the place of its own', async () => {
    const verifier = createVerifier([ours]);
    const token = await mintFor(verifier, { exp: secondsOf(verifier) + 7_200 });
    expect(await verifier.verdictOn(token)).toBe('accepted');
    verifier.tenant.state.published = [{ ...next.jwk, kid: 'ours' }];
    await refreshKeys(verifier);
    expect(await verifier.verdictOn(token)).toEqual({ code: 'invalid-token', reason: 'signature' });
  });

  test('stays accepted through a roll-over that still publishes its key', async () => {
    const verifier = createVerifier([ours]);
    const token = await mintFor(verifier, { exp: secondsOf(verifier) + 7_200 });
    expect(await verifier.verdictOn(token)).toBe('accepted');
    verifier.tenant.state.published = [next.jwk, ours.jwk];
    await refreshKeys(verifier);
    expect(await verifier.verdictOn(token)).toBe('accepted');
    expect(await verifier.verdictOn(await mintFor(verifier, {}, next))).toBe('accepted');
  });

  test('stays accepted while the tenant’s endpoint is down', async () => {
    const verifier = createVerifier([ours]);
    const token = await mintFor(verifier, { exp: secondsOf(verifier) + 36_000 });
    expect(await verifier.verdictOn(token)).toBe('accepted');
    verifier.tenant.state.fault = down();
    await verifier.tenant.clock.advance(9 * hour);
    expect(await verifier.verdictOn(token)).toBe('accepted');
    expect(await verifier.verdictOn(await mintFor(verifier))).toBe('accepted');
  });

  test('is answered with 503 and not 401 when the tenant’s keys cannot be had', async () => {
    const verifier = createVerifier([ours]);
    verifier.tenant.state.fault = down();
    expect(await verifier.verdictOn(await mintFor(verifier))).toEqual({
      code: 'upstream-unavailable',
      reason: 'signing-keys-unavailable',
    });
  });
});

describe('what is remembered (guarantee 5)', () => {
  test('never grows past its bound, and the longest unused goes first', async () => {
    const cacheLimit = 20;
    const verifier = createVerifier([ours], { cacheLimit });
    const tokens = await Promise.all(Array.from({ length: 3 * cacheLimit }, () => mintFor(verifier)));
    const [kept = ''] = tokens;
    for (const token of tokens) {
      await verifier.verify(token);
      await verifier.verify(kept);
    }
    // One verification for each: the one that was asked for again and again was never forgotten.
    expect(verifier.lookUps).toHaveLength(tokens.length);
    verifier.lookUps.length = 0;
    // Newest first, so that every one that is still there is found before it is pushed out.
    for (const token of [kept, ...tokens.slice(1).toReversed()]) {
      await verifier.verify(token);
    }
    expect(verifier.lookUps).toHaveLength(tokens.length - cacheLimit);
  });

  test('is nothing of a refused token: each is verified each time', async () => {
    const verifier = createVerifier([ours]);
    const token = await mintFor(verifier, { aud: 'api://other' });
    await verifier.verdictOn(token);
    await verifier.verdictOn(token);
    expect(verifier.lookUps).toHaveLength(2);
  });
});
