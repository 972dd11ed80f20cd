import { readCertificate } from '../certificate.ts';
import type { Config } from '../config/config.ts';
import { daysToWarnOf } from '../credentials/expiry.ts';
import type { StoredSecret } from '../credentials/ports.ts';
import { BrokerError } from '../errors.ts';
import { toTimestamp, type SecretName } from '../names.ts';
import { causeOf, tellUpstream } from './cause-of.ts';
import type { Cause } from './causes.ts';
import { findingsOf, type Finding } from './finding.ts';
import { skipped as skip, type Look, type Seen } from './look.ts';
import type { DoctorPorts } from './ports.ts';
import { isWellFormed, type Purpose } from './secret-form.ts';

export type Secrets = ReadonlyMap<SecretName, Seen<StoredSecret>>;

const ofVault = findingsOf('key-vault');
const ofSecret = findingsOf('secret');

/** Every secret that the configuration names, and what it is for. */
function namedSecrets({ broker, subscriptions, clients }: Config): Map<SecretName, Purpose> {
  return new Map<SecretName, Purpose>([
    [broker.fingerprintKey, 'fingerprint-key'],
    ...clients.flatMap(({ credential }) =>
      credential.kind === 'federated'
        ? []
        : [[credential.secret, credential.kind === 'certificate' ? 'certificate' : 'client-secret'] as const],
    ),
    ...subscriptions.map(({ secret }) => [secret, 'subscription-key'] as const),
    ...subscriptions.flatMap(({ authority }) =>
      authority?.kind === 'developer-portal' ? [[authority.password, 'password'] as const] : [],
    ),
  ]);
}

/** Reads every secret; one that cannot be what it is for counts as failed. @param hasIdentity whether there is a token to read them with. */
export async function lookAtSecrets(
  { secrets }: Pick<DoctorPorts, 'secrets'>,
  config: Config,
  hasIdentity: boolean,
  look: Look,
): Promise<Secrets> {
  const read = async (name: SecretName, purpose: Purpose, signal: AbortSignal): Promise<StoredSecret> => {
    const stored = await secrets.read(name, signal);
    if (!isWellFormed(purpose, stored.secret)) throw new BrokerError('vault-secret-malformed');
    if (purpose !== 'certificate') return stored;
    return { ...stored, expiresOn: readCertificate(stored.secret).notAfter, isCertificate: true };
  };
  const seen = Array.from(namedSecrets(config), async ([name, purpose]) => {
    if (!hasIdentity) return [name, skip('The app’s identity has no token for Key Vault.')] as const;
    return [name, await look.at('vault-unavailable', (signal) => read(name, purpose, signal))] as const;
  });
  return new Map(await Promise.all(seen));
}

/** These say something of the vault when every secret meets them. */
const causesOfVault: ReadonlySet<Cause> = new Set(['vault-unavailable', 'vault-forbidden', 'vault-refused']);

/** The vault first: what every read meets is the vault's fault and no secret's. @param wallMs now. */
export function judgeSecrets(secrets: Secrets, wallMs: number): Finding[] {
  const shared = sharedError(Array.from(secrets.values()));
  if (shared) {
    return [
      ofVault.fault('KEY_VAULT_URL', causeOf(shared), tellUpstream(shared)),
      ...Array.from(secrets.keys(), (name) => ofSecret.skipped(name, 'Key Vault cannot be read.')),
    ];
  }
  const isReached = Array.from(secrets.values()).some(({ kind }) => kind !== 'skipped');
  const vault = isReached
    ? ofVault.well('KEY_VAULT_URL')
    : ofVault.skipped('KEY_VAULT_URL', 'Nothing was read from it.');
  return [vault, ...Array.from(secrets, ([name, seen]) => judgeSecret(name, seen, wallMs))];
}

function sharedError(seen: readonly Seen<StoredSecret>[]): BrokerError | undefined {
  const errors = seen.map((one) => (one.kind === 'failed' ? one.error : undefined));
  const [first] = errors;
  const isShared = errors.every((error) => error && first && causeOf(error) === causeOf(first));
  return first && isShared && causesOfVault.has(causeOf(first)) ? first : undefined;
}

function judgeSecret(name: SecretName, seen: Seen<StoredSecret>, wallMs: number): Finding {
  if (seen.kind === 'skipped') return ofSecret.skipped(name, seen.because);
  if (seen.kind === 'failed') return ofSecret.fault(name, causeOf(seen.error), tellUpstream(seen.error));
  const { expiresOn } = seen.value;
  if (expiresOn === undefined) return ofSecret.well(name);
  if (hasEnded(seen.value, wallMs))
    return ofSecret.fault(name, 'expired-certificate', `It ended at ${toTimestamp(expiresOn)}.`);
  const daysLeft = daysToWarnOf(expiresOn, wallMs);
  const detail = `It ends at ${toTimestamp(expiresOn)}`;
  if (daysLeft === undefined) return ofSecret.well(name, `${detail}.`);
  return ofSecret.warning(name, 'secret-expires-soon', `${detail}, in ${daysLeft} days.`);
}

/** Entra goes by a certificate's own date; whether a client secret is still good is Entra's to say. */
export function hasEnded({ isCertificate = false, expiresOn = Infinity }: StoredSecret, nowMs: number): boolean {
  return isCertificate && expiresOn <= nowMs;
}
