import type { Clock } from '../clock.ts';
import { neverAborted, withDeadline } from '../deadline.ts';
import { BrokerError, type Reason } from '../errors.ts';
import type { SecretName } from '../names.ts';
import { createRefreshing } from '../refreshing.ts';
import { daysToWarnOf, thresholdOf } from './expiry.ts';
import { hasControlCharacter } from '../header-value.ts';
import { readCertificate } from '../certificate.ts';
import type { ReportFailure, SecretStore, StoredSecret } from './ports.ts';
import { leastRereadMs, type Rereading } from './rereading.ts';

/** A day without Key Vault is ridden out: whether a client secret is still good is Entra's to say. */
const secretLifeMs = 86_400_000;
/** How long the version before stands in for a new one that Entra does not take yet. */
const fallbackMs = 60_000;
/** How long a version that Entra refused is not tried again: a new secret can need 4 to 18 s until it works (measured). */
const refusedForMs = 20_000;
/** How often Key Vault is read again for a version that Entra refuses, however many scopes a client has: the vault is others' too. */
const rereadRefusedMs = 1_000;

/** The secret of one client, or its certificate. */
export type ClientSecret = {
  /**
   * Makes an attempt with the current version. When Entra refuses that version, reads Key Vault again, once, and tries a newer one; the
   * same version again is remembered as refused for 20 s and not tried. The version before a new one stands in for it for a minute.
   */
  use<T>(attempt: (secret: StoredSecret) => Promise<T>): Promise<T>;
  /** The version that was last read. */
  peek(): StoredSecret | undefined;
};

type Options = {
  secretName: SecretName;
  isCertificate?: boolean | undefined;
  upstreamTimeoutMs: () => number;
  onFailure: ReportFailure;
  /** Told once for each version and threshold: 60 and 30 days before the secret's end, and each day of its last week. */
  onExpiring: (daysLeft: number) => void;
  /** Default: every five minutes, on the dot. */
  rereading?: Rereading | undefined;
};

export function createClientSecret(clock: Clock, store: SecretStore, options: Options): ClientSecret {
  const { afterMs = () => leastRereadMs, spread, mayBegin } = options.rereading ?? {};
  let current: StoredSecret | undefined;
  let previous: { secret: StoredSecret; until: number } | undefined;
  let warned: { version: string; threshold: number } | undefined;

  const warn = ({ version, expiresOn }: StoredSecret) => {
    const daysLeft = daysToWarnOf(expiresOn, clock.wall());
    if (daysLeft === undefined) return;
    const threshold = thresholdOf(daysLeft);
    if (warned?.version === version && warned.threshold === threshold) return;
    warned = { version, threshold };
    options.onExpiring(daysLeft);
  };

  const load = async () => {
    const startedAt = clock.monotonic();
    const stored = await withDeadline(clock, options.upstreamTimeoutMs(), 'vault-unavailable', (signal) =>
      store.read(options.secretName, signal),
    );
    const value = options.isCertificate ? toDated(stored) : refuseControls(stored);
    if (current && current.version !== value.version) {
      previous = { secret: current, until: clock.monotonic() + fallbackMs };
    }
    current = value;
    warn(value);
    return { value, refreshAt: startedAt + Math.min(afterMs(), secretLifeMs / 2), expiresAt: startedAt + secretLifeMs };
  };
  const cache = createRefreshing(clock, load, {
    shortLived: 'vault-unavailable',
    onFailure: options.onFailure,
    spread,
    mayBegin,
  });
  const refused = new Map<string, { until: number; error: BrokerError }>();

  const refusalOf = ({ version }: StoredSecret) => {
    const refusal = refused.get(version);
    if (refusal && clock.monotonic() < refusal.until) return refusal.error;
    refused.delete(version);
    return undefined;
  };

  const attemptOnce = async <T>(secret: StoredSecret, attempt: Attempt<T>) => {
    try {
      return await attempt(secret);
    } catch (error) {
      if (isSecretRefused(error)) refused.set(secret.version, { until: clock.monotonic() + refusedForMs, error });
      throw error;
    }
  };

  /** Entra may need some seconds for a new version; until then it goes on taking the one before. */
  const attemptPrevious = async <T>(attempt: Attempt<T>, refusal: BrokerError) => {
    if (!previous || clock.monotonic() >= previous.until || refusalOf(previous.secret)) throw refusal;
    return attemptOnce(previous.secret, attempt);
  };

  let again: { at: number; fresh: Promise<StoredSecret> } | undefined;
  const readAgain = (): Promise<StoredSecret> => {
    const at = clock.monotonic();
    if (!again || at - again.at >= rereadRefusedMs) {
      again = { at, fresh: cache.reload(neverAborted).then(({ value }) => value) };
    }
    return again.fresh;
  };

  const attemptNewer = async <T>(attempt: Attempt<T>) => {
    const fresh = await readAgain();
    const refusal = refusalOf(fresh);
    if (refusal) return attemptPrevious(attempt, refusal);
    return attemptOnce(fresh, attempt).catch((error: unknown) => {
      if (!isSecretRefused(error)) throw error;
      return attemptPrevious(attempt, error);
    });
  };

  return {
    peek: () => current,
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

type Attempt<T> = (secret: StoredSecret) => Promise<T>;

/** A certificate says itself when it ends; Key Vault repeats it, where nobody has written another date there. */
function toDated(stored: StoredSecret): StoredSecret {
  return { ...stored, expiresOn: readCertificate(stored.secret).notAfter, isCertificate: true };
}

function refuseControls(stored: StoredSecret): StoredSecret {
  if (hasControlCharacter(stored.secret.open())) throw new BrokerError('vault-secret-malformed');
  return stored;
}

const refusals: ReadonlySet<Reason> = new Set([
  'entra-secret-wrong',
  'entra-secret-expired',
  'entra-certificate-refused',
]);

function isSecretRefused(error: unknown): error is BrokerError {
  return error instanceof BrokerError && refusals.has(error.reason);
}
