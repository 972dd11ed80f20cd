import type { Secret, Version } from './secrets.ts';

const recoverableDays = 90;
const daySeconds = 86_400;

/** A version as Key Vault shows it (`SecretBundle`): with its value only where that was asked for. */
export function toBundle(
  origin: string,
  name: string,
  version: Version,
  { withValue }: { withValue: boolean },
): object {
  return { ...(withValue && { value: version.value }), ...toItem(`${origin}/secrets/${name}/${version.id}`, version) };
}

/** A line of a list (`SecretItem`); the id of a secret's own line names no version. */
export function toItem(id: string, { contentType, enabled, nbf, exp, created, updated, tags }: Version): object {
  return {
    id,
    attributes: { enabled, nbf, exp, created, updated, recoveryLevel: 'Recoverable+Purgeable', recoverableDays },
    contentType,
    tags,
  };
}

/** What a deleted secret has besides (`DeletedSecretBundle`). */
export function toDeletion(origin: string, { name, deletedAt = 0 }: Secret): object {
  return {
    recoveryId: `${origin}/deletedsecrets/${name}`,
    deletedDate: deletedAt,
    scheduledPurgeDate: deletedAt + recoverableDays * daySeconds,
  };
}
