import { randomUUID } from 'node:crypto';
import { createGatewayProbe } from './azure/gateway-probe.ts';
import { alternateOf } from './azure/key-tags.ts';
import { createManualAuthority } from './azure/manual-authority.ts';
import type { Credentials } from './broker-credentials.ts';
import type { Rotation } from './broker-rotation.ts';
import type { Worker } from './broker-worker.ts';
import type { Config, SubscriptionConfig } from './config/config.ts';
import { createRejections, type Looks, type Rejections } from './credentials/rejections.ts';
import type { SubscriptionName } from './names.ts';
import { createFallBack } from './rotation/fall-back.ts';
import type { Secret } from './secret.ts';
import { describeError } from './telemetry/redaction.ts';

type Dependencies = Parameters<typeof createRejections>[0];

/** Makes the second chance of one configuration after another. The limits of one go on in the next. */
export function buildRejections(
  worker: Worker,
): (config: Config, credentials: Credentials, rotation: Rotation) => Rejections {
  const { clock, log, measured } = worker;
  const looks: Looks = new WeakMap();
  const onRefused: Dependencies['onRefused'] = (subscription, key) => {
    log.error('key-refused', { subscription, key });
    measured.meter.keyRefused(subscription);
  };
  return (config, credentials, rotation) => {
    const { headerSets, keys, tokens } = credentials;
    const probeOf = buildProbes(worker, config);
    const fallBack = buildFallBack(worker, config, credentials, rotation);
    return createRejections({ clock, headerSets, keys, tokens, probeOf, looks, onRefused, fallBack });
  };
}

function buildProbes({ clock }: Worker, { subscriptions, broker }: Config): Dependencies['probeOf'] {
  const { upstreamTimeoutMs } = broker;
  const probes = new Map(
    subscriptions.flatMap(({ name, probe }) =>
      probe ? [[name, createGatewayProbe(clock, { ...probe, upstreamTimeoutMs })] as const] : [],
    ),
  );
  return (subscription: SubscriptionName) => {
    const probe = probes.get(subscription);
    return probe && ((key: Secret, signal: AbortSignal) => probe.try(key, signal));
  };
}

/** Where a subscription is not rotated, nothing is known of its other slot. */
function buildFallBack(
  { clock, log, vault, instance: runner }: Worker,
  { subscriptions }: Config,
  { fingerprints }: Credentials,
  { records, rotated }: Rotation,
): Dependencies['fallBack'] {
  if (!records) return async () => false;
  const loadFingerprintOf = async (signal: AbortSignal) => (await fingerprints.get(0, signal)).value;
  const fallBack = createFallBack({ clock, records, loadFingerprintOf, createOperationId: randomUUID }, { runner });
  const rememberedOf = ({ secret }: SubscriptionConfig) =>
    createManualAuthority(
      { publisher: vault.publisherOf(secret), store: vault.store },
      { alternate: alternateOf(secret) },
    );
  const remembered = new Map(subscriptions.map((subscription) => [subscription.name, rememberedOf(subscription)]));
  return async (subscription, refused) => {
    const [one, ofVault] = [rotated.find((each) => each.subscription === subscription), remembered.get(subscription)];
    if (!one || !ofVault) return false;
    try {
      return await fallBack({ ...one, remembered: ofVault }, refused, log);
    } catch (error) {
      log.warn('rotation-failed', { subscription, ...describeError(error) });
      // It may have got as far as that.
      return true;
    }
  };
}
