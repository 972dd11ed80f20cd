import { BrokerError } from '../errors.ts';
import type { Fingerprint } from '../names.ts';
import type { Secret } from '../secret.ts';
import { keysToTry, needsKeys, needsWritableVault } from './decide.ts';
import type { Observation } from './observation.ts';
import type { RotationPolicy } from './policy.ts';
import type { KeyAuthority, KeyProbe, KeyPublisher, ProbeVerdict, PublishedKey } from './ports.ts';
import type { RotationRecord } from './record.ts';

/** What was seen, with the secrets behind the fingerprints for an effect that needs one. */
export type Look = {
  readonly seen: Observation;
  readonly published: PublishedKey | undefined;
  readonly secrets: ReadonlyMap<Fingerprint, Secret>;
};

type Dependencies = {
  authority: KeyAuthority;
  publisher: KeyPublisher;
  probe: KeyProbe;
  /** Names secrets. Keyed, so that a record tells nothing. */
  fingerprintOf: (secret: Secret) => Fingerprint;
};

const nothing: Look = { seen: {}, published: undefined, secrets: new Map() };

/** Reads the published key and lists both, at once. @throws {BrokerError} when either cannot be had: then nothing is concluded. */
export async function lookAtKeys(
  { authority, publisher, fingerprintOf }: Pick<Dependencies, 'authority' | 'publisher' | 'fingerprintOf'>,
  signal: AbortSignal,
): Promise<Look & { published: PublishedKey }> {
  const [published, listed] = await Promise.all([publisher.read(signal), authority.list(signal)]);
  const fingerprints = { primary: fingerprintOf(listed.primary), secondary: fingerprintOf(listed.secondary) };
  // The value names itself: a tag could say something else.
  const fingerprint = fingerprintOf(published.secret);
  const secrets = new Map([
    [fingerprints.primary, listed.primary],
    [fingerprints.secondary, listed.secondary],
    [fingerprint, published.secret],
  ]);
  const { generation, slot, safeUntil } = published;
  const seen = { published: { fingerprint, generation, slot, safeUntil }, listed: fingerprints };
  return { seen, published, secrets };
}

/** Looks at what the record's state needs, and at no more. */
export async function look(
  record: RotationRecord,
  dependencies: Dependencies,
  policy: RotationPolicy,
  now: number,
  signal: AbortSignal,
): Promise<Look> {
  if (!needsKeys(record, policy, now)) return nothing;
  const keys = await lookAtKeys(dependencies, signal);
  const { probe, publisher } = dependencies;
  const tries = keysToTry(record, keys.seen, now).map(async (fingerprint) => {
    const key = keys.secrets.get(fingerprint);
    if (!key) throw new BrokerError('unexpected');
    return [fingerprint, await probe.try(key, signal)] as const;
  });
  const writable = needsWritableVault(record) ? isWritable(publisher, signal) : undefined;
  const verdicts = new Map<Fingerprint, readonly ProbeVerdict[]>(await Promise.all(tries));
  const isVaultWritable = await writable;
  return { ...keys, seen: { ...keys.seen, verdicts, ...(isVaultWritable === undefined ? {} : { isVaultWritable }) } };
}

async function isWritable(publisher: KeyPublisher, signal: AbortSignal): Promise<boolean> {
  return publisher.probeWritable(signal).then(
    () => true,
    () => false,
  );
}
