import type { SigningKeySource } from './callers/ports.ts';
import type { Clock } from './clock.ts';
import type { Config } from './config/config.ts';
import type { KeyCache } from './credentials/keys.ts';
import type { KeyStore, SecretStore, TokenIssuer } from './credentials/ports.ts';
import type { ClientScopes, TokenCache } from './credentials/tokens.ts';
import type { ScopeName, SecretName } from './names.ts';
import type { Refreshing } from './refreshing.ts';
import type { WatchedCredential } from './telemetry/credential-gauges.ts';
import { countAsked, createMeasure, type Measure } from './telemetry/measured.ts';
import type { Load, Meter } from './telemetry/meter.ts';

/** What is measured, to be put around what it is measured of. */
export type Measured = {
  readonly meter: Meter;
  readonly identity: Measure;
  readonly portal: Measure;
  readonly secretStore: (store: SecretStore) => SecretStore;
  readonly keyStore: (store: KeyStore) => KeyStore;
  readonly issuer: (issuer: TokenIssuer) => TokenIssuer;
  readonly signingKeys: (source: SigningKeySource) => SigningKeySource;
  readonly keys: (caches: KeyCache) => KeyCache;
  readonly tokens: (caches: TokenCache) => TokenCache;
  /** Says whose each secret is, until another configuration is taken into use. A secret that it does not name is not measured. */
  readonly use: (config: Config) => void;
};

type Loads = ReadonlyMap<SecretName, Load>;

export function buildMeasured(clock: Clock, meter: Meter): Measured {
  const measure = createMeasure(clock, meter);
  let [ofSecrets, ofKeys]: [Loads, Loads] = [new Map(), new Map()];
  const reading = <T>(load: Load | undefined, read: () => Promise<T>) => (load ? measure(load)(read) : read());

  return {
    meter,
    identity: measure({ kind: 'identity' }),
    portal: measure({ kind: 'portal' }),
    secretStore: (store) => ({ read: (name, signal) => reading(ofSecrets.get(name), () => store.read(name, signal)) }),
    keyStore: (store) => ({ read: (name, signal) => reading(ofKeys.get(name), () => store.read(name, signal)) }),
    issuer: (issuer) => ({
      acquire: (client, secret, scope, signal) =>
        measure({ kind: 'token', of: client.name, scope: scope as ScopeName })(() =>
          issuer.acquire(client, secret, scope, signal),
        ),
    }),
    signingKeys: (source) => ({ fetch: (signal) => measure({ kind: 'signing-keys' })(() => source.fetch(signal)) }),
    keys: (caches) => ({ of: countAsked(meter, 'key', (subscription) => caches.of(subscription)) }),
    tokens: (caches) => ({ ...caches, of: countAsked(meter, 'token', (client, scope) => caches.of(client, scope)) }),
    use: (config) => {
      ofSecrets = loadsOfSecrets(config);
      ofKeys = new Map(config.subscriptions.map(({ secret, name }) => [secret, { kind: 'key', of: name }]));
    },
  };
}

/** Two clients that share a secret share its figures. */
function loadsOfSecrets({ clients, broker }: Config): Loads {
  return new Map<SecretName, Load>([
    [broker.fingerprintKey, { kind: 'fingerprint-key' }],
    ...clients.flatMap(({ credential, name }) =>
      credential.kind === 'federated' ? [] : [[credential.secret, { kind: 'client-secret', of: name }] as const],
    ),
  ]);
}

type Caches = { clock: Clock; keys: KeyCache; tokens: TokenCache };

/** Everything that this instance holds, for the gauges. */
export function toWatched(
  { subscriptions }: Config,
  clients: readonly ClientScopes[],
  { clock, keys, tokens }: Caches,
): WatchedCredential[] {
  const alone = (['signing-keys', 'identity', 'fingerprint-key'] as const).map((kind) => ({ load: { kind } }));
  const ofKeys = subscriptions.map(({ name }) => ({
    load: { kind: 'key', of: name } as const,
    remainingLifeMs: lifeOf(clock, keys.of(name)),
  }));
  const ofClients = clients.flatMap(({ name, scopes }): WatchedCredential[] => {
    const secretLife = () => {
      const expiresOn = tokens.secretExpiryOf(name);
      return expiresOn === undefined ? undefined : expiresOn - clock.wall();
    };
    const ofTokens = Array.from(scopes, (scope) => ({
      load: { kind: 'token', of: name, scope } as const,
      remainingLifeMs: lifeOf(clock, tokens.of(name, scope)),
    }));
    return [{ load: { kind: 'client-secret', of: name }, remainingLifeMs: secretLife }, ...ofTokens];
  });
  return [...alone, ...ofKeys, ...ofClients];
}

/** 0 for what there was once: it is over. */
function lifeOf(clock: Clock, cache: Refreshing<unknown>): () => number | undefined {
  let wasThere = false;
  return () => {
    const cached = cache.peek();
    wasThere ||= cached !== undefined;
    if (cached) return cached.expiresAt - clock.monotonic();
    return wasThere ? 0 : undefined;
  };
}
