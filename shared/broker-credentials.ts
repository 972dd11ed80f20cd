import { createTokenIssuer } from './azure/entra.ts';
import { toWatched } from './broker-telemetry.ts';
import type { Worker } from './broker-worker.ts';
import type { Config, SubscriptionConfig } from './config/config.ts';
import { scopeOf } from './config/scope.ts';
import { createFingerprints, type FingerprintOf } from './credentials/fingerprint.ts';
import { createHeaderSets, type HeaderSets } from './credentials/header-set.ts';
import { createKeys, type KeyCache } from './credentials/keys.ts';
import { createTokens, type ClientScopes, type TokenCache } from './credentials/tokens.ts';
import { createKept } from './kept.ts';
import type { SecretName } from './names.ts';
import type { Refreshing } from './refreshing.ts';

/** What is handed out by one configuration after another. */
export type Credentials = {
  readonly fingerprints: Refreshing<FingerprintOf>;
  readonly headerSets: HeaderSets;
  readonly clients: readonly ClientScopes[];
  readonly keys: KeyCache;
  readonly tokens: TokenCache;
};

export function buildCredentials(worker: Worker): (config: Config) => Credentials {
  const { clock, metrics, measured } = worker;
  const keep = createKept<ReturnType<typeof buildCaches>>();
  return (config) => {
    const { fingerprintKey, headerLifetimeMs } = config.broker;
    // What is cached has its fingerprint beside it: with another key for them, nothing is kept.
    const { fingerprints, keysOf, tokensOf } = keep(fingerprintKey, () => buildCaches(worker, fingerprintKey));
    const clients = toClientScopes(config);
    const [keys, tokens] = [keysOf(toKeySources(config)), tokensOf(clients)];
    measured.use(config);
    metrics.watch(toWatched(config, clients, { clock, keys, tokens }));
    const asked = { keys: measured.keys(keys), tokens: measured.tokens(tokens) };
    const headerSets = createHeaderSets({ clock, ...asked }, { headerLifetimeMs });
    return { fingerprints, headerSets, clients, keys, tokens };
  };
}

function buildCaches({ settings, clock, vault, log, report, measured, terms }: Worker, fingerprintKey: SecretName) {
  const { store, publisherOf } = vault;
  const upstreamTimeoutMs = () => terms.current.upstreamTimeoutMs;
  const fingerprints = createFingerprints(clock, store, {
    secretName: fingerprintKey,
    upstreamTimeoutMs,
    onFailure: report('fingerprint-key'),
  });
  const issuer = measured.issuer(createTokenIssuer(clock, vault.identity, settings));
  const keyStore = measured.keyStore({ read: (name, signal) => publisherOf(name).read(signal) });
  const keysOf = createKeys(
    { clock, store: keyStore, fingerprints },
    {
      terms: () => ({ ...terms.current, ...terms.current.rotationTerms }),
      onFailure: (subscription, error) => report('key', subscription)(error),
    },
  );
  const tokensOf = createTokens(
    { clock, store, issuer, fingerprints },
    {
      upstreamTimeoutMs,
      onFailure: (kind, client, scope, error) => report(kind, client, scope)(error),
      onExpiring: (client, daysLeft) => log.warn('client-credential-expires', { client, daysLeft }),
    },
  );
  return { fingerprints, keysOf, tokensOf };
}

function toKeySources({ subscriptions }: Config) {
  const sourceOf = ({ secret, rotation }: SubscriptionConfig) => ({
    secretName: secret,
    isRotated: rotation !== undefined,
  });
  return new Map(subscriptions.map((subscription) => [subscription.name, sourceOf(subscription)]));
}

function toClientScopes({ clients, apis }: Config): ClientScopes[] {
  return clients.map(({ credential, ...client }) => {
    const own = apis.flatMap(({ oauth }) => (oauth?.client === client.name ? [oauth] : []));
    const scopes = own.flatMap((oauth) => oauth.accessLevels.map((level) => scopeOf(oauth, level)));
    const secretName = credential.kind === 'federated' ? undefined : credential.secret;
    return { ...client, secretName, isCertificate: credential.kind === 'certificate', scopes: new Set(scopes) };
  });
}
