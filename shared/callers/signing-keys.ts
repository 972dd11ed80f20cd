import { importJWK, type CryptoKey } from 'jose';
import type { Clock } from '../clock.ts';
import { untilAborted, withDeadline } from '../deadline.ts';
import { BrokerError } from '../errors.ts';
import { createRefreshing } from '../refreshing.ts';
import type { PublishedKey, SigningKeySource } from './ports.ts';

/** Microsoft Entra's advice: keep keys for a day, refresh them hourly, fetch for an unknown `kid` at most once in five minutes. */
const keepMs = 86_400_000;
const refreshMs = 3_600_000;
const unknownKidMs = 300_000;
/** RFC 7518, section 3.3. */
const leastModulusBits = 2_048;

type KeySet = ReadonlyMap<string, CryptoKey>;

export type SigningKeys = {
  /**
   * The key that the tenant publishes under a `kid`.
   *
   * @throws {BrokerError} `signing-key-unknown` when the tenant does not publish it; `signing-keys-unavailable` when that cannot be told.
   */
  find(kid: string, signal: AbortSignal): Promise<CryptoKey>;
  /** Whether a key is still published, as far as is known without asking. */
  isCurrent(kid: string, key: CryptoKey): boolean;
  /** Waits until there are keys. */
  load(signal: AbortSignal): Promise<void>;
};

type Dependencies = { clock: Clock; source: SigningKeySource };
type Options = { issuer: string; upstreamTimeoutMs: number; onFailure: (error: unknown) => void };

/** The tenant's signing keys: served while they are younger than a day, whether or not the tenant's endpoint answers. */
export function createSigningKeys({ clock, source }: Dependencies, options: Options): SigningKeys {
  const load = async () => {
    const startedAt = clock.monotonic();
    const published = await withDeadline(clock, options.upstreamTimeoutMs, 'signing-keys-unavailable', (signal) =>
      source.fetch(signal),
    );
    const keys = await importKeys(published, options.issuer);
    // A tenant always has a key: an empty answer is a fault, and no reason to forget the keys that are known.
    if (keys.size === 0) throw new BrokerError('signing-keys-unavailable');
    return { value: keys, refreshAt: startedAt + refreshMs, expiresAt: startedAt + keepMs };
  };
  const cache = createRefreshing(clock, load, { onFailure: options.onFailure });
  const forever = new AbortController().signal;
  let forUnknownKid: { startedAt: number; keys: Promise<KeySet> } | undefined;

  const fetchForUnknownKid = () => {
    const now = clock.monotonic();
    if (!forUnknownKid || now - forUnknownKid.startedAt >= unknownKidMs) {
      forUnknownKid = { startedAt: now, keys: cache.reload(forever).then(({ value }) => value) };
    }
    const { startedAt, keys } = forUnknownKid;
    return keys.catch((cause: unknown) => {
      const retryAfterMs = startedAt + unknownKidMs - now;
      throw new BrokerError('signing-keys-unavailable', { cause, retryAfterMs });
    });
  };

  return {
    find: async (kid, signal) => {
      const mayBeOld = cache.peek() !== undefined;
      const { value: known } = await cache.get(0, signal);
      const key =
        known.get(kid) ?? (mayBeOld ? (await untilAborted(fetchForUnknownKid(), signal)).get(kid) : undefined);
      if (!key) throw new BrokerError('signing-key-unknown');
      return key;
    },
    isCurrent: (kid, key) => cache.peek()?.value.get(kid) === key,
    load: async (signal) => {
      await cache.get(0, signal);
    },
  };
}

async function importKeys(published: readonly PublishedKey[], issuer: string): Promise<Map<string, CryptoKey>> {
  const imported = await Promise.all(published.filter((jwk) => isUsable(jwk, issuer)).map(importKey));
  return new Map(imported.filter((entry) => entry !== undefined));
}

/** RSA, for signatures, of a length that RFC 7518 allows, and of this issuer where Entra says whose it is. */
function isUsable(jwk: PublishedKey, issuer: string): boolean {
  return (
    jwk.kty === 'RSA' &&
    typeof jwk.n === 'string' &&
    Buffer.from(jwk.n, 'base64url').length * 8 >= leastModulusBits &&
    (jwk.use ?? 'sig') === 'sig' &&
    (jwk.alg ?? 'RS256') === 'RS256' &&
    (jwk.issuer ?? issuer) === issuer
  );
}

async function importKey(jwk: PublishedKey): Promise<[string, CryptoKey] | undefined> {
  try {
    const key = await importJWK(jwk, 'RS256');
    return jwk.kid === undefined || key instanceof Uint8Array ? undefined : [jwk.kid, key];
  } catch {
    return undefined;
  }
}
