import type { Clock } from '../clock.ts';
import { withDeadline } from '../deadline.ts';
import { BrokerError } from '../errors.ts';
import type { Fingerprint, SecretName, SubscriptionName } from '../names.ts';
import { createKeptByName } from '../kept.ts';
import { createRefreshing, type Loaded, type Refreshing } from '../refreshing.ts';
import type { FingerprintOf } from './fingerprint.ts';
import { isHeaderValue } from '../header-value.ts';
import type { KeyStore, StoredKey } from './ports.ts';
import { leastRereadMs, type Rereading } from './rereading.ts';

/** A subscription key that may be handed out. */
export type SubscriptionKey = Pick<StoredKey, 'secret' | 'generation' | 'slot' | 'safeUntil'> & {
  readonly fingerprint: Fingerprint;
  /** When it was read: wall clock, milliseconds. */
  readonly readAt: number;
  /** Until when it is good whatever was promised: monotonic clock, milliseconds. */
  readonly freshUntil: number;
};

/** How long a key that nobody rotates may be used while Key Vault cannot be read. */
const unrotatedLifeMs = 3_600_000;

export type KeyCache = {
  /** The active key of a configured subscription. */
  of(subscription: SubscriptionName): Refreshing<SubscriptionKey>;
};

/** Where a subscription's active key is, and whether rotation may replace it. */
type KeySource = { readonly secretName: SecretName; readonly isRotated: boolean };

type Dependencies = { clock: Clock; store: KeyStore; fingerprints: Refreshing<FingerprintOf> };
type Terms = {
  /** H: the longest life of a header set. */
  readonly headerLifetimeMs: number;
  /** C: how old a read may be that stands in for a promise. */
  readonly readAgeMs: number;
  /** ε: how far a clock may be off. */
  readonly skewMs: number;
  readonly upstreamTimeoutMs: number;
};
type Options = {
  /** Asked at each load: what was loaded keeps the life that it had under the terms of then. */
  terms: () => Terms;
  onFailure: (subscription: SubscriptionName, error: unknown) => void;
  /** Default: every five minutes, on the dot. */
  rereading?: Rereading;
};

/**
 * The cache in front of Key Vault for subscription keys: one read per secret, however many ask.
 *
 * A key that is rotated is good until its promise `safeUntil`, however old the copy; past that, for C + H − 2ε from the start of its read:
 * the rotator waits V + C + H after a switch, and two clocks lie between a header set and its use (`docs/rotation.md`). It never goes back a generation.
 *
 * @returns makes the cache of one configuration after another. It never holds more than its sources, and what the one before holds of a
 *   source that is the same.
 */
export function createKeys(
  { clock, store, fingerprints }: Dependencies,
  options: Options,
): (sources: ReadonlyMap<SubscriptionName, KeySource>) => KeyCache {
  const { afterMs = () => leastRereadMs, spread, mayBegin } = options.rereading ?? {};
  const load = ({ secretName, isRotated }: KeySource) => {
    let newest = 0;
    return async () => {
      const [startedAt, readAt] = [clock.monotonic(), clock.wall()];
      const [stored, fingerprintOf] = await withDeadline(
        clock,
        options.terms().upstreamTimeoutMs,
        'vault-unavailable',
        (signal) => Promise.all([store.read(secretName, signal), fingerprints.get(0, signal)]),
      );
      if (!isHeaderValue(stored.secret.open())) throw new BrokerError('vault-secret-malformed');
      // An older version than one that was seen: the read shows what was there before a write.
      if (stored.generation !== undefined && stored.generation < newest) throw new BrokerError('vault-unavailable');
      newest = stored.generation ?? newest;
      const { secret, generation, slot, safeUntil } = stored;
      const freshUntil = isRotated ? freshUntilOf(startedAt) : startedAt + unrotatedLifeMs;
      const fingerprint = fingerprintOf.value(secret);
      const value = { secret, generation, slot, safeUntil, fingerprint, readAt, freshUntil };
      return { value, ...(isRotated ? lifeOfRotated(value, startedAt) : lifeOf(startedAt, freshUntil)) };
    };
  };

  const freshUntilOf = (startedAt: number) => {
    const { headerLifetimeMs, readAgeMs, skewMs } = options.terms();
    return startedAt + readAgeMs + headerLifetimeMs - 2 * skewMs;
  };

  const lifeOfRotated = (key: SubscriptionKey, startedAt: number): Omit<Loaded<unknown>, 'value'> => {
    const { expiresAt, refreshAt } = lifeOf(startedAt, goodUntil(clock, key));
    return { expiresAt, refreshAt: Math.min(refreshAt, expiresAt - options.terms().headerLifetimeMs) };
  };

  /** However rarely it is read, half of a copy's life is left to ride out an outage, or all but five minutes. */
  const lifeOf = (startedAt: number, expiresAt: number): Omit<Loaded<unknown>, 'value'> => {
    const rereadMs = Math.max(leastRereadMs, Math.min(afterMs(), (expiresAt - startedAt) / 2));
    return { expiresAt, refreshAt: startedAt + rereadMs };
  };

  const cacheOf = (subscription: SubscriptionName, source: KeySource) =>
    createRefreshing(clock, load(source), {
      shortLived: 'vault-unavailable',
      onFailure: (error) => options.onFailure(subscription, error),
      spread,
      mayBegin,
    });

  const keep = createKeptByName<SubscriptionName, Refreshing<SubscriptionKey>>();
  return (sources) => {
    const caches = keep(sources, cacheOf);
    return {
      of: (subscription) => {
        const cache = caches.get(subscription);
        if (!cache) throw new BrokerError('unexpected');
        return cache;
      },
    };
  };
}

/** By the clocks as they are now: a promise is a moment on the wall clock, which may have been set since the key was read. */
export function goodUntil(clock: Clock, { safeUntil, freshUntil }: SubscriptionKey): number {
  const promised = safeUntil === undefined ? -Infinity : clock.monotonic() + safeUntil - clock.wall();
  return Math.max(promised, freshUntil);
}
