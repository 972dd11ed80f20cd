import type { Clock } from '../clock.ts';
import { withDeadline } from '../deadline.ts';
import { BrokerError } from '../errors.ts';
import type { Fingerprint, SecretName, SubscriptionName } from '../names.ts';
import { createRefreshing, type Refreshing } from '../refreshing.ts';
import type { Secret } from '../secret.ts';
import type { FingerprintOf } from './fingerprint.ts';
import { isHeaderValue } from './header-value.ts';
import type { SecretStore } from './ports.ts';

/** A subscription key that may be handed out. */
export type SubscriptionKey = { readonly secret: Secret; readonly fingerprint: Fingerprint };

/** How long after the start of its read a key may be used while Key Vault cannot be read, until rotation's promise says better. */
const keyLifeMs = 3_600_000;
/** How old a copy may grow before it is read again in the background. */
const rereadAfterMs = 300_000;

export type KeyCache = {
  /** The active key of a configured subscription. */
  of(subscription: SubscriptionName): Refreshing<SubscriptionKey>;
};

type Dependencies = { clock: Clock; store: SecretStore; fingerprints: Refreshing<FingerprintOf> };
type Options = {
  /** Which secret holds the active key of which subscription. The cache never holds more than these. */
  secretNames: ReadonlyMap<SubscriptionName, SecretName>;
  upstreamTimeoutMs: number;
  onFailure: (subscription: SubscriptionName, error: unknown) => void;
};

/** The cache in front of Key Vault for subscription keys: one read per secret, however many ask. */
export function createKeys({ clock, store, fingerprints }: Dependencies, options: Options): KeyCache {
  const read = (name: SecretName) => async () => {
    const startedAt = clock.monotonic();
    const value = await withDeadline(clock, options.upstreamTimeoutMs, 'vault-unavailable', async (signal) => {
      const [stored, fingerprintOf] = await Promise.all([store.read(name, signal), fingerprints.get(0, signal)]);
      if (!isHeaderValue(stored.secret.open())) throw new BrokerError('vault-secret-malformed');
      return { secret: stored.secret, fingerprint: fingerprintOf.value(stored.secret) };
    });
    return { value, refreshAt: startedAt + rereadAfterMs, expiresAt: startedAt + keyLifeMs };
  };

  const caches = new Map(
    Array.from(options.secretNames, ([subscription, name]) => [
      subscription,
      createRefreshing(clock, read(name), {
        shortLived: 'vault-unavailable',
        onFailure: (error) => options.onFailure(subscription, error),
      }),
    ]),
  );
  return { of: (subscription) => expectEntry(caches.get(subscription)) };
}

function expectEntry<T>(entry: T | undefined): T {
  if (entry === undefined) throw new BrokerError('unexpected');
  return entry;
}
