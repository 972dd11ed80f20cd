import { createGatewayProbe } from './azure/gateway-probe.ts';
import type { Credentials } from './broker-credentials.ts';
import type { Worker } from './broker-worker.ts';
import type { Config } from './config/config.ts';
import type { Secret } from './secret.ts';
import { createRejections, type Looks, type Rejections } from './credentials/rejections.ts';

/** Makes the second chance of one configuration after another. The limits of one go on in the next. */
export function buildRejections({ clock, log }: Worker): (config: Config, credentials: Credentials) => Rejections {
  const looks: Looks = new WeakMap();
  return ({ subscriptions, broker: { upstreamTimeoutMs } }, { headerSets, keys, tokens }) => {
    const probes = new Map(
      subscriptions.flatMap(({ name, probe }) =>
        probe ? [[name, createGatewayProbe(clock, { ...probe, upstreamTimeoutMs })] as const] : [],
      ),
    );
    const probeOf = (subscription: Config['subscriptions'][number]['name']) => {
      const probe = probes.get(subscription);
      return probe && ((key: Secret, signal: AbortSignal) => probe.try(key, signal));
    };
    const onRefused: Parameters<typeof createRejections>[0]['onRefused'] = (subscription, key) =>
      log.error('key-refused', { subscription, key });
    return createRejections({ clock, headerSets, keys, tokens, probeOf, looks, onRefused });
  };
}
