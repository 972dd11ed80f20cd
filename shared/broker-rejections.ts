import { randomUUID } from 'node:crypto';
import { createGatewayProbe } from './azure/gateway-probe.ts';
import type { Credentials } from './broker-credentials.ts';
import type { Rotation } from './broker-rotation.ts';
import type { Worker } from './broker-worker.ts';
import type { Config } from './config/config.ts';
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
    const fallBack = buildFallBack(worker, credentials, rotation);
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
  { clock, log, instance: runner }: Worker,
  { fingerprints }: Credentials,
  { records, rotated }: Rotation,
): Dependencies['fallBack'] {
  if (!records) return async () => false;
  const loadFingerprintOf = async (signal: AbortSignal) => (await fingerprints.get(0, signal)).value;
  const fallBack = createFallBack({ clock, records, loadFingerprintOf, createOperationId: randomUUID }, { runner });
  return async (subscription, refused) => {
    const endangered = rotated.find((each) => each.subscription === subscription);
    if (!endangered) return false;
    try {
      return await fallBack(endangered, refused, log);
    } catch (error) {
      log.warn('rotation-failed', { subscription, ...describeError(error) });
      // It may have got as far as that.
      return true;
    }
  };
}
