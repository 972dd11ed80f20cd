import type { SecretStore } from '../credentials/ports.ts';
import { BrokerError } from '../errors.ts';
import type { SecretName } from '../names.ts';
import type { KeyAuthority, KeyPublisher, PublishedKey } from '../rotation/ports.ts';
import { toListedKeys } from './listed-keys.ts';

type Dependencies = { publisher: Pick<KeyPublisher, 'read'>; store: SecretStore };
type Options = {
  /** The secret that holds the key of the slot that is not active: a person stores a new version of it after regenerating that key. */
  alternate: SecretName;
};

/**
 * The keys of a subscription that a person regenerates, where nothing else may: the published key is that of the active slot, the newest version
 * of the alternate secret that of the other. A key that rotation has not published yet is taken for the primary one.
 *
 * `list` throws `vault-…` and `identity-…` where either cannot be read, and `authority-refused` while both are the same: between a switch and the
 * write of the alternate secret that follows it, and when a person has stored the wrong key.
 */
export function createManualAuthority({ publisher, store }: Dependencies, { alternate }: Options): KeyAuthority {
  return {
    isManual: true,
    list: async (signal) => {
      const [published, other] = await Promise.all([publisher.read(signal), store.read(alternate, signal)]);
      const [active, inactive] = [published.secret.open(), other.secret.open()];
      return slotOf(published) === 'secondary' ? toListedKeys(inactive, active) : toListedKeys(active, inactive);
    },
    regenerate: async () => ({ kind: 'refused', retryAfterMs: undefined }),
  };
}

function slotOf({ slot, generation }: PublishedKey): PublishedKey['slot'] {
  // Somebody has spoilt its tags: taking one slot for the other would drain and regenerate the key in use.
  if (slot === undefined && generation !== undefined) throw new BrokerError('authority-refused');
  return slot;
}
