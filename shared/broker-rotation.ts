import { randomUUID } from 'node:crypto';
import type { TokenCredential } from '@azure/identity';
import { createArmAuthority, type ArmAuthority } from './azure/arm-authority.ts';
import { createGatewayProbe } from './azure/gateway-probe.ts';
import { createIdentity } from './azure/identity.ts';
import { createKeyPublishers } from './azure/key-publisher.ts';
import { alternateOf } from './azure/key-tags.ts';
import { createSecretStore } from './azure/key-vault.ts';
import { createManualAuthority } from './azure/manual-authority.ts';
import { createPortal } from './azure/portal-authority.ts';
import { createRecordStore } from './azure/rotation-records.ts';
import type { Clock } from './clock.ts';
import type { AuthorityConfig, BrokerConfig, RotationConfig, SubscriptionConfig } from './config/config.ts';
import type { Loaded } from './config/load.ts';
import { isWithin } from './config/windows.ts';
import { createFingerprints, type FingerprintOf } from './credentials/fingerprint.ts';
import type { SecretStore } from './credentials/ports.ts';
import type { ClientName, ScopeName, SecretName, SubscriptionName } from './names.ts';
import type { Refreshing } from './refreshing.ts';
import type { RotationPolicy } from './rotation/policy.ts';
import type { KeyAuthority, KeyPublisher, RecordStore, SteeringStore } from './rotation/ports.ts';
import { recordFormat } from './rotation/record-format.ts';
import type { Rotated } from './rotation/runner.ts';
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
  readonly fingerprints: Refreshing<FingerprintOf>;
};

/** @param credential in place of the managed identity. */
export function buildVault(
  { config, settings }: Loaded,
  clock: Clock,
  report: Report,
  credential?: TokenCredential,
): Vault {
  const { upstreamTimeoutMs, fingerprintKey } = config.broker;
  const clientId = settings.identityClientId;
  const identity = credential ?? createIdentity(clock, { clientId, upstreamTimeoutMs, onFailure: report('identity') });
  const options = { url: settings.keyVaultUrl, verifyChallenge: settings.verifyKeyVaultChallenge };
  const store = createSecretStore(clock, identity, options);
  const fingerprints = createFingerprints(clock, store, {
    secretName: fingerprintKey,
    upstreamTimeoutMs,
    onFailure: report('fingerprint-key'),
  });
  return {
    identity,
    store,
    publisherOf: createKeyPublishers({ clock, credential: identity }, options),
    fingerprints,
  };
}

/** How every subscription is moved whose configuration has a rotation, and where that is written down. */
export type Rotation = {
  readonly tick: Tick;
  readonly policies: ReadonlyMap<SubscriptionName, RotationPolicy>;
  /** Absent where nothing is rotated. */
  readonly records: (RecordStore & SteeringStore) | undefined;
};

/** @param runner names this worker in its intents. */
export function buildRotation(loaded: Loaded, clock: Clock, vault: Vault, report: Report, runner: string): Rotation {
  const { config, settings } = loaded;
  const authorityOf = buildAuthorities(loaded, clock, vault, report);
  const rotated = config.subscriptions.flatMap((subscription): Rotated[] => {
    const { name, secret, authority, probe, rotation } = subscription;
    if (!authority || !probe || !rotation) return [];
    const publisher = vault.publisherOf(secret);
    const upstreamTimeoutMs = config.broker.upstreamTimeoutMs;
    return [
      {
        subscription: name,
        policy: toPolicy(config.broker, rotation, authority),
        authority: authorityOf(subscription, authority, publisher),
        publisher,
        probe: createGatewayProbe(clock, { ...probe, upstreamTimeoutMs }),
      },
    ];
  });
  const { tableServiceUrl } = settings;
  if (rotated.length === 0 || tableServiceUrl === undefined) {
    return { tick: async () => {}, policies: new Map(), records: undefined };
  }
  const records = createRecordStore(
    { clock, credential: vault.identity, format: recordFormat },
    { url: tableServiceUrl },
  );
  const loadFingerprintOf = async (signal: AbortSignal) => (await vault.fingerprints.get(0, signal)).value;
  const tick = createTick({ clock, records, loadFingerprintOf, createOperationId: randomUUID }, { rotated, runner });
  return { tick, policies: new Map(rotated.map(({ subscription, policy }) => [subscription, policy])), records };
}

type AuthorityOf = (
  subscription: SubscriptionConfig,
  authority: AuthorityConfig,
  publisher: KeyPublisher,
) => KeyAuthority & Partial<Pick<ArmAuthority, 'describe'>>;

export function buildAuthorities(
  { config, settings }: Loaded,
  clock: Clock,
  vault: Vault,
  report: Report,
): AuthorityOf {
  const { upstreamTimeoutMs } = config.broker;
  const portals = new Map<string, ReturnType<typeof createPortal>>();

  /** One session for each portal and user. */
  const portalOf = ({ url, email, password }: Extract<AuthorityConfig, { kind: 'developer-portal' }>) => {
    const identity = JSON.stringify([url, email]);
    const readPassword = async (signal: AbortSignal) => (await vault.store.read(password, signal)).secret;
    const credentials = { email, password: readPassword };
    const portal =
      portals.get(identity) ??
      createPortal(clock, { url, credentials, upstreamTimeoutMs, onFailure: report('portal') });
    portals.set(identity, portal);
    return portal;
  };

  return ({ secret }, authority, publisher) => {
    switch (authority.kind) {
      case 'arm':
        return createArmAuthority(clock, vault.identity, {
          resourceManagerUrl: settings.resourceManagerUrl,
          audience: settings.resourceManagerAudience,
          resourceId: authority.resourceId,
          upstreamTimeoutMs,
        });
      case 'developer-portal':
        return portalOf(authority).authorityOf(authority.subscription);
      case 'manual':
        return createManualAuthority({ publisher, store: vault.store }, { alternate: alternateOf(secret) });
    }
  };
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
