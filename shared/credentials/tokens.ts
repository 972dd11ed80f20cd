import type { Clock } from '../clock.ts';
import { neverAborted, withDeadline } from '../deadline.ts';
import { BrokerError } from '../errors.ts';
import type { ClientName, Fingerprint, ScopeName, SecretName } from '../names.ts';
import { createKeptByName } from '../kept.ts';
import { createRefreshing, type Loaded, type Refreshing } from '../refreshing.ts';
import { Secret } from '../secret.ts';
import { createClientSecret, type ClientSecret } from './client-secret.ts';
import type { FingerprintOf } from './fingerprint.ts';
import { isHeaderValue } from '../header-value.ts';
import type { AcquiredToken, ClientRegistration, SecretStore, StoredSecret, TokenIssuer } from './ports.ts';
import type { Rereading } from './rereading.ts';

/** A token that may be handed out, as the value of `Authorization`. */
export type BearerToken = { readonly authorization: Secret; readonly fingerprint: Fingerprint };

/** Entra issues app-only tokens for an hour, at most for a day. A longer life in an answer is a mistake. */
const longestLifeMs = 86_400_000;
/** How far an API's clock may be ahead of Entra's: the last of a token's life, which is not offered. */
const clockSkewMs = 10_000;

export type TokenCache = {
  /** The token of a configured client for a configured scope. */
  of(client: ClientName, scope: ScopeName): Refreshing<BearerToken>;
  /** When a configured client's secret is said to expire, as it was last read: wall clock, milliseconds. */
  secretExpiryOf(client: ClientName): number | undefined;
};

/** `secretName` is absent where a client is federated. */
type ClientSource = ClientRegistration & {
  readonly secretName: SecretName | undefined;
  readonly isCertificate?: boolean | undefined;
};

/** A client, its secret's name in Key Vault, and the scopes that the configuration lets it ask for. */
export type ClientScopes = ClientSource & { readonly scopes: ReadonlySet<ScopeName> };

type Dependencies = {
  clock: Clock;
  store: SecretStore;
  issuer: TokenIssuer;
  fingerprints: Refreshing<FingerprintOf>;
};
type Options = {
  upstreamTimeoutMs: () => number;
  /** Told of a client secret that ends in 60 or 30 days, or in its last week. */
  onExpiring: (client: ClientName, daysLeft: number) => void;
  onFailure: (
    kind: 'token' | 'client-secret',
    client: ClientName,
    scope: ScopeName | undefined,
    error: unknown,
  ) => void;
  /** Of client secrets. Its `spread` is for tokens, too. Default: every five minutes, and each token at half of its life. */
  rereading?: Rereading;
};

/**
 * The cache in front of MSAL: one token request per client and scope, however many ask, refreshed in the background from half of the
 * token's life.
 *
 * @returns makes the cache of one configuration after another. It never holds more than one token for each of its clients' scopes, and what
 *   the one before holds for a client that is the same.
 */
export function createTokens(
  dependencies: Dependencies,
  options: Options,
): (clients: readonly ClientScopes[]) => TokenCache {
  const { clock, store, issuer, fingerprints } = dependencies;
  const { upstreamTimeoutMs, rereading } = options;

  const acquire = (client: ClientSource, secret: ClientSecret | undefined, scope: ScopeName) => async () => {
    const fingerprinting = fingerprints.get(0, neverAborted);
    const attempt = async (stored?: StoredSecret) => {
      // A token that cannot be named is not handed out, and so not asked for.
      await fingerprinting;
      return withDeadline(clock, upstreamTimeoutMs(), 'entra-unavailable', (signal) =>
        issuer.acquire(client, stored, scope, signal),
      );
    };
    const [acquired, fingerprintOf] = await Promise.all([secret ? secret.use(attempt) : attempt(), fingerprinting]);
    return toLoaded(acquired, fingerprintOf.value);
  };

  const secretOf = ({ name, secretName, isCertificate }: ClientSource) =>
    secretName === undefined
      ? undefined
      : createClientSecret(clock, store, {
          secretName,
          isCertificate,
          upstreamTimeoutMs,
          onFailure: (error) => options.onFailure('client-secret', name, undefined, error),
          onExpiring: (daysLeft) => options.onExpiring(name, daysLeft),
          rereading,
        });

  /** The caches of one client, for the scopes of one configuration after another. */
  const cachesOf = (_name: ClientName, client: ClientSource) => {
    const secret = secretOf(client);
    const cacheOf = (scope: ScopeName) =>
      createRefreshing(clock, acquire(client, secret, scope), {
        shortLived: 'entra-answer-malformed',
        onFailure: (error) => options.onFailure('token', client.name, scope, error),
        spread: rereading?.spread,
      });
    const keep = createKeptByName<ScopeName, Refreshing<BearerToken>>();
    const tokensOf = (scopes: ReadonlySet<ScopeName>) =>
      keep(new Map(Array.from(scopes, (scope) => [scope, null])), cacheOf);
    return { secret, tokensOf };
  };

  const keep = createKeptByName<ClientName, ReturnType<typeof cachesOf>>();
  return (clients) => {
    const kept = keep(new Map(clients.map((client) => [client.name, toSource(client)])), cachesOf);
    const caches = new Map(clients.map(({ name, scopes }) => [name, kept.get(name)?.tokensOf(scopes)]));
    return {
      of: (client, scope) => {
        const cache = caches.get(client)?.get(scope);
        if (!cache) throw new BrokerError('unexpected');
        return cache;
      },
      secretExpiryOf: (client) => kept.get(client)?.secret?.peek()?.expiresOn,
    };
  };
}

/** All that a client's tokens depend on but their scopes. */
function toSource({ name, tenantId, clientId, isCertificate, secretName }: ClientScopes): ClientSource {
  return { name, tenantId, clientId, isCertificate, secretName };
}

function toLoaded({ token, startedAt, lifeMs }: AcquiredToken, fingerprintOf: FingerprintOf): Loaded<BearerToken> {
  if (!isHeaderValue(token.open()) || !(lifeMs > 0 && lifeMs <= longestLifeMs)) {
    throw new BrokerError('entra-answer-malformed');
  }
  return {
    value: { authorization: new Secret(`Bearer ${token.open()}`), fingerprint: fingerprintOf(token) },
    refreshAt: startedAt + lifeMs / 2,
    expiresAt: startedAt + lifeMs - clockSkewMs,
  };
}
