import type { Clock } from '../clock.ts';
import { withDeadline } from '../deadline.ts';
import type { SecretName } from '../names.ts';
import { createRefreshing, type Refreshing } from '../refreshing.ts';
import { createFingerprintOf, type FingerprintOf } from './fingerprint.ts';
import type { ReportFailure, SecretStore } from './ports.ts';

type Options = { secretName: SecretName; upstreamTimeoutMs: number; onFailure: ReportFailure };

/** The fingerprint function of this deployment. Its key is read once: all instances must give one secret one name. */
export function createFingerprints(clock: Clock, store: SecretStore, options: Options): Refreshing<FingerprintOf> {
  const load = async () => {
    const stored = await withDeadline(clock, options.upstreamTimeoutMs, 'vault-unavailable', (signal) =>
      store.read(options.secretName, signal),
    );
    return { value: createFingerprintOf(stored.secret), refreshAt: Infinity, expiresAt: Infinity };
  };
  return createRefreshing(clock, load, { onFailure: options.onFailure });
}
