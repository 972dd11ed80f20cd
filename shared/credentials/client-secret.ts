import type { Clock } from '../clock.ts';
import { neverAborted, withDeadline } from '../deadline.ts';
import { BrokerError } from '../errors.ts';
import type { SecretName } from '../names.ts';
import { createRefreshing } from '../refreshing.ts';
import { hasControlCharacter } from './header-value.ts';
import type { ReportFailure, SecretStore, StoredSecret } from './ports.ts';

/** How old a copy may grow before it is read again in the background. */
const rereadAfterMs = 300_000;
/** A day without Key Vault is ridden out: whether a client secret is still good is Entra's to say. */
const secretLifeMs = 86_400_000;
/** How long a version that Entra refused is not tried again: a new secret can need 4 to 18 s until it works (measured). */
const refusedForMs = 20_000;

/** The secret of one client. */
export type ClientSecret = {
  /**
   * Makes an attempt with the current version. When Entra refuses that version, reads Key Vault again, once, and tries a newer one; the
   * same version again is remembered as refused for 20 s and not tried.
   */
  use<T>(attempt: (secret: StoredSecret) => Promise<T>): Promise<T>;
};

type Options = { secretName: SecretName; upstreamTimeoutMs: number; onFailure: ReportFailure };

export function createClientSecret(clock: Clock, store: SecretStore, options: Options): ClientSecret {
  const load = async () => {
    const startedAt = clock.monotonic();
    const value = await withDeadline(clock, options.upstreamTimeoutMs, 'vault-unavailable', (signal) =>
      store.read(options.secretName, signal),
    );
    if (hasControlCharacter(value.secret.open())) throw new BrokerError('vault-secret-malformed');
    return { value, refreshAt: startedAt + rereadAfterMs, expiresAt: startedAt + secretLifeMs };
  };
  const cache = createRefreshing(clock, load, { shortLived: 'vault-unavailable', onFailure: options.onFailure });
  let refused: { version: string; until: number; error: BrokerError } | undefined;

  const refusalOf = ({ version }: StoredSecret) =>
    refused && refused.version === version && clock.monotonic() < refused.until ? refused.error : undefined;

  const attemptOnce = async <T>(secret: StoredSecret, attempt: (secret: StoredSecret) => Promise<T>) => {
    try {
      return await attempt(secret);
    } catch (error) {
      if (isSecretRefused(error)) refused = { version: secret.version, until: clock.monotonic() + refusedForMs, error };
      throw error;
    }
  };

  const attemptNewer = async <T>(attempt: (secret: StoredSecret) => Promise<T>) => {
    const fresh = (await cache.reload(neverAborted)).value;
    const refusal = refusalOf(fresh);
    if (refusal) throw refusal;
    return attemptOnce(fresh, attempt);
  };

  return {
    use: async (attempt) => {
      const { value } = await cache.get(0, neverAborted);
      if (refusalOf(value)) return attemptNewer(attempt);
      try {
        return await attemptOnce(value, attempt);
      } catch (error) {
        if (!isSecretRefused(error)) throw error;
        return attemptNewer(attempt);
      }
    },
  };
}

function isSecretRefused(error: unknown): error is BrokerError {
  return (
    error instanceof BrokerError && (error.reason === 'entra-secret-wrong' || error.reason === 'entra-secret-expired')
  );
}
