import { createSigningKeys, type SigningKeys } from '../../shared/callers/signing-keys.ts';
import type { Clock } from '../../shared/clock.ts';
import { createFingerprints } from '../../shared/credentials/fingerprint.ts';
import { createHeaderSets, type HeaderSets, type Requirement } from '../../shared/credentials/header-set.ts';
import { createKeys } from '../../shared/credentials/keys.ts';
import { leastRereadMs, rereadAfterMs } from '../../shared/credentials/rereading.ts';
import { createRestraint, type Restraint } from '../../shared/credentials/restraint.ts';
import { createTokens } from '../../shared/credentials/tokens.ts';
import { withDeadline } from '../../shared/deadline.ts';
import type { ClientName, Guid, ScopeName, SecretName, SubscriptionName } from '../../shared/names.ts';
import { createSupply } from '../../shared/supply.ts';
import type { Upstreams } from './upstreams.ts';

/** How large a deployment is. */
export type Size = { readonly instances: number; readonly clients: number; readonly apis: number };

/** What is done against limits. All of it is what the broker does; without one of them it is what it did, or would do. */
export type Cures = {
  /** Refreshes are spread at random. */
  readonly spread: boolean;
  /** Copies are read again the more rarely the more there are. */
  readonly paced: boolean;
  /** A warm-up gathers pace, and a vault that throttles is left alone. */
  readonly restrained: boolean;
};

/** One instance: the broker's own caches, put together as `shared/broker-credentials.ts` and `shared/broker.ts` do. */
export type Instance = {
  readonly headerSets: HeaderSets;
  readonly requirements: readonly Requirement[];
  readonly signingKeys: Pick<SigningKeys, 'load'>;
  warmUp(): Promise<unknown>;
  /** From when on a hand-out has something loaded in the background, on the monotonic clock; now, where a part is missing. */
  readonly refreshAt: (requirement: Requirement) => number;
};

type Dependencies = { clock: Clock; upstreams: Upstreams; random: () => number };

const nothing = () => {};
const unrestrained: Restraint = { run: (request) => request(), hasToSpare: () => true };
const someGuid = '0b9c7a54-2f1d-4e3b-8c6a-5d4e3f2a1b0c' as Guid;
const terms = { headerLifetimeMs: 300_000, readAgeMs: 60_000, skewMs: 10_000, upstreamTimeoutMs: 3_000 };
const requestTimeoutMs = 5_000;

/** Each API has a subscription and a scope of its own; the clients share the APIs evenly. */
function toRequirements({ clients, apis }: Size): Required<Requirement>[] {
  return Array.from({ length: apis }, (_, api) => ({
    subscription: `api-${api}` as SubscriptionName,
    token: { client: `client-${api % clients}` as ClientName, scope: `api://api-${api}/.default` as ScopeName },
  }));
}

export function createInstance({ clock, upstreams, random }: Dependencies, size: Size, cures: Cures): Instance {
  const connected = upstreams.connect();
  const restraint = cures.restrained ? createRestraint(clock, random) : unrestrained;
  const store: typeof connected.store = { read: (...asked) => restraint.run(() => connected.store.read(...asked)) };
  const keyStore: typeof connected.keyStore = {
    read: (...asked) => restraint.run(() => connected.keyStore.read(...asked)),
  };
  const upstreamTimeoutMs = () => terms.upstreamTimeoutMs;
  const afterMs = cures.paced ? rereadAfterMs(size.instances, size.apis + size.clients) : leastRereadMs;
  const rereading = {
    afterMs: () => afterMs,
    spread: cures.spread ? random : undefined,
    mayBegin: restraint.hasToSpare,
  };
  const requirements = toRequirements(size);

  const fingerprints = createFingerprints(clock, store, {
    secretName: 'fingerprint-key' as SecretName,
    upstreamTimeoutMs,
    onFailure: nothing,
  });
  const keys = createKeys(
    { clock, store: keyStore, fingerprints },
    { terms: () => terms, onFailure: nothing, rereading },
  )(new Map(requirements.map(({ subscription }) => [subscription, toSource(subscription)])));
  const tokens = createTokens(
    { clock, store, issuer: upstreams.issuer, fingerprints },
    { upstreamTimeoutMs, onFailure: nothing, onExpiring: nothing, rereading },
  )(toClients(requirements));
  const headerSets = createHeaderSets({ clock, keys, tokens }, { headerLifetimeMs: terms.headerLifetimeMs });
  const signingKeys = createSigningKeys(
    { clock, source: upstreams.signingKeys },
    { issuer: { issuer: 'https://issuer.test', tenantId: someGuid }, upstreamTimeoutMs, onFailure: nothing },
  );
  const supply = createSupply(signingKeys, headerSets, requirements);

  const warmAtOnce = (signal: AbortSignal) =>
    Promise.allSettled(requirements.map((requirement) => headerSets.handOut(requirement, signal)));
  const warm = (signal: AbortSignal) => (cures.restrained ? supply.warm(signal) : warmAtOnce(signal));

  return {
    headerSets,
    requirements,
    signingKeys,
    warmUp: () => withDeadline<unknown>(clock, requestTimeoutMs, 'deadline', warm).catch(nothing),
    refreshAt: ({ subscription, token }) => {
      const cached = [keys.of(subscription).peek(), token && tokens.of(token.client, token.scope).peek()];
      return Math.min(...cached.map((one) => one?.refreshAt ?? clock.monotonic()));
    },
  };
}

function toSource(subscription: SubscriptionName) {
  return { secretName: `key-of-${subscription}` as SecretName, isRotated: true };
}

function toClients(requirements: readonly Required<Requirement>[]) {
  const scopes = Map.groupBy(requirements, ({ token }) => token?.client);
  return Array.from(scopes, ([client = '' as ClientName, own]) => ({
    name: client,
    tenantId: someGuid,
    clientId: someGuid,
    secretName: `secret-of-${client}` as SecretName,
    scopes: new Set(own.flatMap(({ token }) => (token ? [token.scope] : []))),
  }));
}
