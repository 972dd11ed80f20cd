import { createTokenIssuer } from './azure/entra.ts';
import { toWatched } from './broker-telemetry.ts';
import type { Worker } from './broker-worker.ts';
import type { Config, SubscriptionConfig } from './config/config.ts';
import { scopeOf } from './config/scope.ts';
import { createFingerprints, type FingerprintOf } from './credentials/fingerprint.ts';
import { createHeaderSets, type HeaderSets } from './credentials/header-set.ts';
import { createKeys, type KeyCache } from './credentials/keys.ts';
import { leastRereadMs, rereadAfterMs } from './credentials/rereading.ts';
import { createRestraint } from './credentials/restraint.ts';
import type { SecretStore } from './credentials/ports.ts';
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
    const { fingerprintKey, headerLifetimeMs, maximumInstances } = config.broker;
    // What is cached has its fingerprint beside it: with another key for them, nothing is kept.
    const caches = keep(fingerprintKey, () => buildCaches(worker, fingerprintKey));
    const { fingerprints, keysOf, tokensOf } = caches;
    const clients = toClientScopes(config);
    caches.reread.afterMs = rereadAfterMs(maximumInstances, config.subscriptions.length + clients.length);
    const [keys, tokens] = [keysOf(toKeySources(config)), tokensOf(clients)];
    measured.use(config);
    metrics.watch(toWatched(config, clients, { clock, keys, tokens }));
    const asked = { keys: measured.keys(keys), tokens: measured.tokens(tokens) };
    const headerSets = createHeaderSets({ clock, ...asked }, { headerLifetimeMs });
    return { fingerprints, headerSets, clients, keys, tokens };
  };
}

function buildCaches(worker: Worker, fingerprintKey: SecretName) {
  const { settings, clock, random, vault, log, report, measured, terms } = worker;
  const restraint = createRestraint(clock, random);
  const store: SecretStore = { read: (name, signal) => restraint.run(() => vault.store.read(name, signal)) };
  const reread = { afterMs: leastRereadMs };
  const rereading = { afterMs: () => reread.afterMs, spread: random, mayBegin: restraint.hasToSpare };
  const upstreamTimeoutMs = () => terms.current.upstreamTimeoutMs;
  const fingerprints = createFingerprints(clock, store, {
    secretName: fingerprintKey,
    upstreamTimeoutMs,
    onFailure: report('fingerprint-key'),
  });
  const issuer = measured.issuer(createTokenIssuer(clock, vault.identity, settings));
  const keyStore = measured.keyStore({
    read: (name, signal) => restraint.run(() => vault.publisherOf(name).read(signal)),
  });
  const keysOf = createKeys(
    { clock, store: keyStore, fingerprints },
    {
      terms: () => ({ ...terms.current, ...terms.current.rotationTerms }),
      onFailure: (subscription, error) => report('key', subscription)(error),
      rereading,
    },
  );
  const tokensOf = createTokens(
    { clock, store, issuer, fingerprints },
    {
      upstreamTimeoutMs,
      onFailure: (kind, client, scope, error) => report(kind, client, scope)(error),
      onExpiring: (client, daysLeft) => log.warn('client-credential-expires', { client, daysLeft }),
      rereading,
    },
  );
  return { fingerprints, keysOf, tokensOf, reread };
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
