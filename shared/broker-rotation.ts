import { randomUUID } from 'node:crypto';
import type { TokenCredential } from '@azure/identity';
import { createArmAuthority, type ArmAuthority } from './azure/arm-authority.ts';
import { createGatewayProbe } from './azure/gateway-probe.ts';
import { createIdentity } from './azure/identity.ts';
import { createKeyPublishers } from './azure/key-publisher.ts';
import { alternateOf } from './azure/key-tags.ts';
import { createSecretStore } from './azure/key-vault.ts';
import { createManualAuthority } from './azure/manual-authority.ts';
import { createPortal, type Portal } from './azure/portal-authority.ts';
import { createRecordStore } from './azure/rotation-records.ts';
import type { Measured } from './broker-telemetry.ts';
import type { Clock } from './clock.ts';
import type { AuthorityConfig, BrokerConfig, Config, RotationConfig, SubscriptionConfig } from './config/config.ts';
import type { Settings } from './config/settings.ts';
import { isWithin } from './config/windows.ts';
import type { FingerprintOf } from './credentials/fingerprint.ts';
import type { SecretStore } from './credentials/ports.ts';
import { BrokerError } from './errors.ts';
import { createKept, createKeptByName } from './kept.ts';
import type { ClientName, ScopeName, SecretName, SubscriptionName } from './names.ts';
import type { Refreshing } from './refreshing.ts';
import type { Endangered } from './rotation/fall-back.ts';
import type { RotationPolicy } from './rotation/policy.ts';
import type { KeyAuthority, KeyPublisher, RecordStore, SteeringStore } from './rotation/ports.ts';
import { recordFormat } from './rotation/record-format.ts';
import { shortestDrainMs } from './rotation/terms.ts';
import { createTick, type Tick } from './rotation/tick.ts';
import type { CredentialKind, Log } from './telemetry/log.ts';
import { describeError } from './telemetry/redaction.ts';

/** Tells the log of a load that failed, which nobody may have waited for. */
export type Report = (
  kind: CredentialKind,
  of?: ClientName | SubscriptionName,
  scope?: ScopeName,
) => (error: unknown) => void;

export function reportTo(log: Log): Report {
  return (kind, of, scope) => (error) => log.warn('load-failed', { kind, of, scope, ...describeError(error) });
}

/** What is reached through the managed identity. */
export type Vault = {
  readonly identity: TokenCredential;
  readonly store: SecretStore;
  readonly publisherOf: (name: SecretName) => KeyPublisher;
};

/** @param credential in place of the managed identity. */
export function buildVault(
  settings: Settings,
  clock: Clock,
  upstreamTimeoutMs: () => number,
  report: Report,
  measured: Measured,
  credential?: TokenCredential,
): Vault {
  const identity =
    credential ??
    createIdentity(clock, {
      clientId: settings.identityClientId,
      upstreamTimeoutMs,
      onFailure: report('identity'),
      measure: measured.identity,
    });
  const options = { url: settings.keyVaultUrl, verifyChallenge: settings.verifyKeyVaultChallenge };
  return {
    identity,
    store: measured.secretStore(createSecretStore(clock, identity, options)),
    publisherOf: createKeyPublishers({ clock, credential: identity }, options),
  };
}

/** What rotation is built of that lives as long as the worker. */
type Surroundings = {
  settings: Settings;
  clock: Clock;
  vault: Vault;
  report: Report;
  measured: Measured;
  /** Names this worker in its intents. */
  instance: string;
};

/** How every subscription is moved whose configuration has a rotation, and where that is written down. */
export type Rotation = {
  readonly tick: Tick;
  readonly rotated: readonly Endangered[];
  readonly policies: ReadonlyMap<SubscriptionName, RotationPolicy>;
  /** Absent where nothing can be rotated. */
  readonly records: (RecordStore & SteeringStore) | undefined;
};

/** Makes the rotation of one configuration after another. */
export type RotationOf = (config: Config, fingerprints: Refreshing<FingerprintOf>) => Rotation;

const nothingRotates: Rotation = { tick: async () => {}, rotated: [], policies: new Map(), records: undefined };

export function buildRotations(surroundings: Surroundings): RotationOf {
  const { settings, clock, vault, measured, instance: runner } = surroundings;
  const { tableServiceUrl } = settings;
  if (tableServiceUrl === undefined) return () => nothingRotates;
  const rotatedOf = buildRotated(surroundings);
  const records = createRecordStore(
    { clock, credential: vault.identity, format: recordFormat },
    { url: tableServiceUrl },
  );
  const keepTick = createKept<ReturnType<typeof createTick>>();

  const toTick = (fingerprints: Refreshing<FingerprintOf>) => {
    const loadFingerprintOf = async (signal: AbortSignal) => (await fingerprints.get(0, signal)).value;
    const { meter } = measured;
    return createTick({ clock, records, loadFingerprintOf, createOperationId: randomUUID, meter }, { runner });
  };

  return (config, fingerprints) => {
    const rotated = rotatedOf(config);
    const tickOf = keepTick(config.broker.fingerprintKey, () => toTick(fingerprints));
    if (rotated.length === 0) return nothingRotates;
    const policies = new Map(rotated.map(({ subscription, policy }) => [subscription, policy]));
    return { tick: tickOf(rotated), rotated, policies, records };
  };
}

/** What is rotated by one configuration after another; the same objects where nothing that is said of them has changed. */
function buildRotated(surroundings: Surroundings): (config: Config) => readonly Endangered[] {
  const { clock, vault } = surroundings;
  const authoritiesOf = buildAuthorities(surroundings);
  const keep = createKeptByName<SubscriptionName, Endangered | undefined>();

  return (config) => {
    const authorityOf = authoritiesOf(config);
    const { broker } = config;
    const wanted = new Map(config.subscriptions.map((subscription) => [subscription.name, { subscription, broker }]));
    const rotated = keep(wanted, (name, { subscription }) => {
      const { secret, authority, probe, rotation } = subscription;
      if (!authority || !probe || !rotation) return undefined;
      const publisher = vault.publisherOf(secret);
      return {
        subscription: name,
        policy: toPolicy(broker, rotation, authority),
        authority: authorityOf(subscription, authority, publisher),
        publisher,
        remembered: rememberKeys(vault, secret, publisher),
        probe: createGatewayProbe(clock, { ...probe, upstreamTimeoutMs: broker.upstreamTimeoutMs }),
      };
    });
    return Array.from(rotated.values()).filter((one) => one !== undefined);
  };
}

type AuthorityOf = (
  subscription: SubscriptionConfig,
  authority: AuthorityConfig,
  publisher: KeyPublisher,
) => KeyAuthority & Partial<Pick<ArmAuthority, 'describe'>>;
type PortalConfig = Extract<AuthorityConfig, { kind: 'developer-portal' }>;

export function buildAuthorities({
  settings,
  clock,
  vault,
  report,
  measured: { portal: measure },
}: Omit<Surroundings, 'instance'>): (config: Config) => AuthorityOf {
  const keepPortals = createKeptByName<string, Portal>();

  const toPortal = (
    { url, email, password }: Omit<PortalConfig, 'kind' | 'subscription'>,
    upstreamTimeoutMs: number,
  ): Portal => {
    const readPassword = async (signal: AbortSignal) => (await vault.store.read(password, signal)).secret;
    const credentials = { email, password: readPassword };
    return createPortal(clock, { url, credentials, upstreamTimeoutMs, onFailure: report('portal'), measure });
  };

  /** One session for each portal and user. */
  const portalsOf = ({ broker: { upstreamTimeoutMs }, subscriptions }: Config) => {
    const wanted = subscriptions.flatMap(({ authority }) => {
      if (authority?.kind !== 'developer-portal') return [];
      const { url, email, password } = authority;
      return [[sessionOf(authority), { url, email, password, upstreamTimeoutMs }] as const];
    });
    return keepPortals(new Map(wanted), (_, { upstreamTimeoutMs: limitMs, ...portal }) => toPortal(portal, limitMs));
  };

  return (config) => {
    const { upstreamTimeoutMs } = config.broker;
    const portals = portalsOf(config);
    return ({ secret }, authority, publisher) => {
      switch (authority.kind) {
        case 'arm':
          return createArmAuthority(clock, vault.identity, {
            resourceManagerUrl: settings.resourceManagerUrl,
            audience: settings.resourceManagerAudience,
            resourceId: authority.resourceId,
            upstreamTimeoutMs,
          });
        case 'developer-portal': {
          const portal = portals.get(sessionOf(authority));
          if (!portal) throw new BrokerError('unexpected');
          return portal.authorityOf(authority.subscription);
        }
        case 'manual':
          return rememberKeys(vault, secret, publisher);
      }
    };
  };
}

/** What the vault holds of both keys: all that is known of them where a person regenerates them, or while their authority is down. */
function rememberKeys({ store }: Vault, secret: SecretName, publisher: KeyPublisher): KeyAuthority {
  return createManualAuthority({ publisher, store }, { alternate: alternateOf(secret) });
}

function sessionOf({ url, email }: PortalConfig): string {
  return JSON.stringify([url, email]);
}

/** How long the owner of an intent has, and how far apart two looks at an ambiguous regenerate are, in terms of one upstream call. */
const [requestsInTimeout, timeoutsInQuarantine] = [4, 5];

export function toPolicy(
  { rotationTerms, headerLifetimeMs, upstreamTimeoutMs }: BrokerConfig,
  { everyMs, settleMs, promiseMs, drainMs, windows, paused }: RotationConfig,
  authority: AuthorityConfig,
): RotationPolicy {
  const terms = { ...rotationTerms, headerLifetimeMs, propagationMs: settleMs, promiseMs };
  const requestTimeoutMs = requestsInTimeout * upstreamTimeoutMs;
  return {
    // A drain that is longer than it must be is one more wait beside the inequality's.
    terms: { ...terms, flightMs: terms.flightMs + drainMs - shortestDrainMs(terms) },
    everyMs,
    requestTimeoutMs,
    quarantineMs: timeoutsInQuarantine * requestTimeoutMs,
    acceptsNeeded: 3,
    isManual: authority.kind === 'manual',
    mayStart: (wallMs) => !paused && (windows.length === 0 || windows.some((window) => isWithin(window, wallMs))),
  };
}
