import { importJWK, type CryptoKey } from 'jose';
import type { Clock } from '../clock.ts';
import { neverAborted, untilAborted, withDeadline } from '../deadline.ts';
import { BrokerError } from '../errors.ts';
import { createRefreshing, type Loaded } from '../refreshing.ts';
import type { PublishedKey, SigningKeySource } from './ports.ts';

/** Microsoft Entra's advice: keep keys for a day, refresh them hourly, fetch for an unknown `kid` at most once in five minutes. */
const keepMs = 86_400_000;
const refreshMs = 3_600_000;
const unknownKidMs = 300_000;
/** RFC 7518, section 3.3. */
const leastModulusBits = 2_048;
/** FIPS 186-5, section A.1.1. With the exponent 1 anybody can sign: what is signed is its own signature. */
const leastExponent = 65_537n;

type KeySet = ReadonlyMap<string, Published>;
type Published = { readonly jwk: PublishedKey; readonly key: CryptoKey };

export type SigningKeys = {
  /**
   * The key that the tenant publishes under a `kid`.
   *
   * @throws {BrokerError} `signing-key-unknown` when the tenant does not publish it; `signing-keys-unavailable` when that cannot be told.
   */
  find(kid: string, signal: AbortSignal): Promise<CryptoKey>;
  /** Whether a key is still published, as far as is known without asking. */
  isCurrent(kid: string, key: CryptoKey): boolean;
  /** Whether there are keys, without asking for any. */
  areLoaded(): boolean;
  /** Waits until there are keys. */
  load(signal: AbortSignal): Promise<void>;
};

type Dependencies = { clock: Clock; source: SigningKeySource };
type Options = { issuer: Issuer; upstreamTimeoutMs: () => number; onFailure: (error: unknown) => void };
/** Whose keys: the issuer as it stands in tokens, and the tenant in it. */
type Issuer = { readonly issuer: string; readonly tenantId: string };

/** The tenant's signing keys: served while they are younger than a day, whether or not the tenant's endpoint answers. */
export function createSigningKeys({ clock, source }: Dependencies, options: Options): SigningKeys {
  const load = async () => {
    const startedAt = clock.monotonic();
    const published = await withDeadline(clock, options.upstreamTimeoutMs(), 'signing-keys-unavailable', (signal) =>
      source.fetch(signal),
    );
    const usable = published.filter((jwk) => isUsable(jwk, options.issuer));
    const keys = await importKeys(usable, cache.peek()?.value);
    // A tenant always has a key: an empty answer is a fault, and no reason to forget the keys that are known.
    if (keys.size === 0) throw new BrokerError('signing-keys-unavailable');
    return { value: keys, refreshAt: startedAt + refreshMs, expiresAt: startedAt + keepMs };
  };
  const cache = createRefreshing(clock, load, {
    shortLived: 'signing-keys-unavailable',
    onFailure: options.onFailure,
  });
  let forUnknownKid: { startedAt: number; before: Loaded<KeySet> | undefined; keys: Promise<KeySet> } | undefined;

  const fetchForUnknownKid = () => {
    const now = clock.monotonic();
    if (!forUnknownKid || now - forUnknownKid.startedAt >= unknownKidMs) {
      const keys = cache.reload(neverAborted).then(({ value }) => value);
      forUnknownKid = { startedAt: now, before: cache.peek(), keys };
    }
    const { startedAt, before, keys } = forUnknownKid;
    return keys.catch((cause: unknown) => {
      const known = cache.peek();
      // The hourly refresh has succeeded since: what the tenant publishes is known after all.
      if (known && known !== before) return known.value;
      throw new BrokerError('signing-keys-unavailable', { cause, retryAfterMs: startedAt + unknownKidMs - now });
    });
  };

  return {
    find: async (kid, signal) => {
      const mayBeOld = cache.peek() !== undefined;
      const { value: known } = await cache.get(0, signal);
      if (known.has(kid) || !mayBeOld) return keyOf(known, kid);
      return keyOf(await untilAborted(fetchForUnknownKid(), signal), kid);
    },
    isCurrent: (kid, key) => cache.peek()?.value.get(kid)?.key === key,
    areLoaded: () => cache.peek() !== undefined,
    load: async (signal) => {
      await cache.get(0, signal);
    },
  };
}

function keyOf(keys: KeySet, kid: string): CryptoKey {
  const published = keys.get(kid);
  if (!published) throw new BrokerError('signing-key-unknown');
  return published.key;
}

/** RSA, for signatures, strong enough, and of this issuer where Entra says whose it is: by name, or with `{tenantid}` for any tenant's. */
function isUsable(jwk: PublishedKey, { issuer, tenantId }: Issuer): boolean {
  return (
    jwk.kty === 'RSA' &&
    isStrong(jwk) &&
    (jwk.use ?? 'sig') === 'sig' &&
    (jwk.alg ?? 'RS256') === 'RS256' &&
    isOfIssuer(jwk.issuer ?? issuer, { issuer, tenantId })
  );
}

function isStrong({ n, e }: PublishedKey): boolean {
  return readWhole(n).toString(2).length >= leastModulusBits && readWhole(e) >= leastExponent;
}

/** A whole number in base64url (RFC 7518, section 2). Zeros before it make it no greater. 0 for what is none. */
function readWhole(text: unknown): bigint {
  const bytes = typeof text === 'string' ? Buffer.from(text, 'base64url').toString('hex') : '';
  return BigInt(`0x0${bytes}`);
}

/** Of what is published nothing is what its type says until it was looked at: one odd key must not take the others with it. */
function isOfIssuer(named: unknown, { issuer, tenantId }: Issuer): boolean {
  return typeof named === 'string' && named.replace('{tenantid}', tenantId) === issuer;
}

/** A key that is still published stays the same object: what was verified with it goes on being known as good. */
async function importKeys(published: readonly PublishedKey[], before: KeySet | undefined): Promise<KeySet> {
  const imported = published.map(async (jwk) => {
    const known = before?.get(jwk.kid ?? '');
    const isSame = known?.jwk.n === jwk.n && known?.jwk.e === jwk.e;
    const key = known && isSame ? known.key : await importKey(jwk);
    return jwk.kid !== undefined && key ? ([jwk.kid, { jwk, key }] as const) : undefined;
  });
  return new Map((await Promise.all(imported)).filter((entry) => entry !== undefined));
}

async function importKey(jwk: PublishedKey): Promise<CryptoKey | undefined> {
  try {
    const key = await importJWK(jwk, 'RS256');
    return key instanceof Uint8Array ? undefined : key;
  } catch {
    return undefined;
  }
}
