import type { Clock } from '../../shared/clock.ts';
import { createHeaderSets, type HeaderSet as Handed } from '../../shared/credentials/header-set.ts';
import { createKeys } from '../../shared/credentials/keys.ts';
import type { KeyStore } from '../../shared/credentials/ports.ts';
import type { TokenCache } from '../../shared/credentials/tokens.ts';
import { neverAborted } from '../../shared/deadline.ts';
import type { Fingerprint, SecretName, SubscriptionName } from '../../shared/names.ts';
import { createRejections } from '../../shared/credentials/rejections.ts';
import { createRefreshing } from '../../shared/refreshing.ts';
import type { Secret } from '../../shared/secret.ts';
import { truth } from './history.ts';

/** What a caller is given. */
type HeaderSet = { readonly id: string; readonly key: string; readonly expiresOn: number; readonly generation: number };

/** The reading side of one instance, for one subscription. */
export type Reader = {
  headers(): Promise<HeaderSet | 'unavailable'>;
  /** A caller says that this header set was refused. */
  rejected(id: string): void;
  /** Reads again now. */
  reread(): void;
  /** Whether nothing has been read yet. */
  isCold(): boolean;
};

type Options = {
  readonly subscription: SubscriptionName;
  readonly headerLifetimeMs: number;
  readonly readAgeMs: number;
  readonly fingerprintOf: (secret: Secret) => Fingerprint;
} & Pick<Parameters<typeof createRejections>[0], 'probeOf' | 'fallBack'>;

const upstreamTimeoutMs = 20_000;
/** The APIs of this simulation ask for no token. */
const noTokens: Pick<TokenCache, 'of'> = {
  of: () => {
    throw new RangeError('There are no tokens here.');
  },
};

/** The broker's own caches and header sets. */
export function createReader(clock: Clock, store: KeyStore, options: Options): Reader {
  const { subscription, headerLifetimeMs, readAgeMs, fingerprintOf, probeOf, fallBack } = options;
  const generations = new WeakMap<Secret, number>();
  let isCold = true;

  const watched: KeyStore = {
    read: async (name, signal) => {
      const stored = await store.read(name, signal);
      isCold = false;
      generations.set(stored.secret, stored.generation ?? 0);
      return stored;
    },
  };
  const fingerprints = createRefreshing(
    clock,
    () => Promise.resolve({ value: fingerprintOf, refreshAt: Infinity, expiresAt: Infinity }),
    { shortLived: 'vault-unavailable', onFailure: () => {} },
  );
  const keys = createKeys(
    { clock, store: watched, fingerprints },
    {
      terms: () => ({ headerLifetimeMs, readAgeMs, skewMs: truth.skewMs, upstreamTimeoutMs }),
      onFailure: () => {},
    },
  )(new Map([[subscription, { secretName: 'published' as SecretName, isRotated: true }]]));
  const headerSets = createHeaderSets({ clock, keys, tokens: noTokens }, { headerLifetimeMs });

  const rejections = createRejections({
    clock,
    headerSets,
    keys,
    tokens: noTokens,
    probeOf,
    fallBack,
    looks: new WeakMap(),
    onRefused: () => {},
  });

  const toHeaderSet = ({ id, headers: [header], lifeMs }: Handed): HeaderSet | 'unavailable' => {
    if (!header) return 'unavailable';
    const { value } = header;
    return { id, key: value.open(), expiresOn: clock.wall() + lifeMs, generation: generations.get(value) ?? 0 };
  };

  return {
    headers: () => headerSets.handOut({ subscription }, neverAborted).then(toHeaderSet, () => 'unavailable' as const),
    reread: () => {
      keys
        .of(subscription)
        .reload(neverAborted)
        .catch(() => {});
    },
    rejected: (id) => {
      rejections.reject({ requirement: { subscription }, id, status: 401, body: '' }, neverAborted).catch(() => {});
    },
    isCold: () => isCold,
  };
}
