import { BrokerError } from '../../../shared/errors.ts';
import type { Publication } from '../../../shared/rotation/ports.ts';

export type Tags = Omit<Publication, 'secret'>;
/** One version of the secret that holds the published key. */
export type Version = {
  readonly id: string;
  readonly key: string;
  readonly tags: Tags | undefined;
  readonly isEnabled: boolean;
};

type Held = { readonly at: number; readonly newest: Version | undefined };

/** One secret in Key Vault. A write is seen by a reader some time after it was made. */
export type Vault = {
  /** When each version was stored. */
  readonly stored: readonly { readonly at: number; readonly key: string; readonly isPublication: boolean }[];
  newest(): Version | undefined;
  /** @throws {BrokerError} where the newest version was missing or disabled `lagMs` ago. */
  read(lagMs: number): Version;
  store(key: string, tags: Tags | undefined): void;
  /** Changes the tags of one version. */
  tag(id: string, tags: Tags): void;
  setEnabled(isEnabled: boolean): void;
  /** @returns what brings it back. */
  remove(): () => void;
};

export function createVault(now: () => number, key: string, tags: Tags | undefined): Vault {
  const held: Held[] = [{ at: now(), newest: { id: 'v1', key, tags, isEnabled: true } }];
  const stored = [{ at: now(), key, isPublication: tags !== undefined }];
  const hold = (newest: Version | undefined) => void held.push({ at: now(), newest });
  const newest = () => held.at(-1)?.newest;

  return {
    stored,
    newest,
    read: (lagMs) => {
      const seen = held.findLast(({ at }) => at <= now() - lagMs) ?? held[0];
      if (!seen?.newest) throw new BrokerError('vault-secret-missing');
      if (!seen.newest.isEnabled) throw new BrokerError('vault-secret-disabled');
      return seen.newest;
    },
    store: (newKey, newTags) => {
      hold({ id: `v${stored.length + 1}`, key: newKey, tags: newTags, isEnabled: true });
      stored.push({ at: now(), key: newKey, isPublication: newTags !== undefined });
    },
    tag: (id, newTags) => {
      const version = newest();
      if (version?.id === id) hold({ ...version, tags: newTags });
    },
    setEnabled: (isEnabled) => {
      const version = newest();
      if (version) hold({ ...version, isEnabled });
    },
    remove: () => {
      const version = newest();
      hold(undefined);
      return () => {
        if (!newest()) hold(version && { ...version, isEnabled: true });
      };
    },
  };
}
