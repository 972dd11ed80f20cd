import type { TokenCredential } from '@azure/identity';
import type { SecretClient } from '@azure/keyvault-secrets';
import type { Clock } from '../clock.ts';
import { BrokerError } from '../errors.ts';
import { isHeaderValue } from '../header-value.ts';
import type { SecretName } from '../names.ts';
import type { KeyPublisher } from '../rotation/ports.ts';
import { Secret } from '../secret.ts';
import { alternateOf, readTags, withoutOurs, writeTags, type Tags } from './key-tags.ts';
import { createVaultClient, failVault, type VaultOptions } from './vault-client.ts';

type Dependencies = { clock: Clock; credential: TokenCredential };

/**
 * Where keys are published in Azure Key Vault: for each subscription a secret that holds the active key, and one more for the other slot's.
 * What rotation knows of a key stands in the tags of its version: `generation`, `slot`, `fingerprint`, and for the active key `safeUntil`.
 *
 * Tags that people have set stay, and are carried over to a new version. Nothing else is: the expiry and the content type of a version say
 * nothing about the next key. The identity needs the role Key Vault Secrets Officer.
 *
 * @returns the publisher of the subscription whose active key is the secret of that name.
 */
export function createKeyPublishers(
  { clock, credential }: Dependencies,
  options: VaultOptions,
): (name: SecretName) => KeyPublisher {
  const client = createVaultClient(clock, credential, options);
  return (name) => createKeyPublisher(client, name);
}

function createKeyPublisher(client: SecretClient, name: SecretName): KeyPublisher {
  let tagsOfOthers: Tags = {};
  return {
    read: async (signal) => {
      const { value, version, tags } = await readVersion(client, name, signal);
      tagsOfOthers = withoutOurs(tags);
      if (!isHeaderValue(value)) throw new BrokerError('vault-secret-malformed');
      return { secret: new Secret(value), version, ...readTags(tags) };
    },
    // One request and no other before it, so that nothing comes between the caller's last look at the clock and the write. The tags of others
    // are those of the last read.
    publish: ({ secret, ...facts }, signal) =>
      addVersion(client, name, secret, { ...tagsOfOthers, ...writeTags(facts) }, signal),
    tag: async (version, facts, signal) => {
      const { tags } = await readVersion(client, name, signal, version);
      await changeTags(client, name, version, { ...tags, ...writeTags(facts) }, signal);
    },
    storeAlternate: async ({ secret, generation, slot, fingerprint }, signal) => {
      const alternate = alternateOf(name);
      const others = withoutOurs(await readTagsOfNewest(client, alternate, signal));
      await addVersion(
        client,
        alternate,
        secret,
        { ...others, ...writeTags({ generation, slot, fingerprint }) },
        signal,
      );
    },
    // The newest version's tags, as they are. Any other write would add a version, or need a secret that may not be there yet. Where another
    // runner tags it in between, the older promise stands until the next tick: less is promised than is kept, never more.
    probeWritable: async (signal) => {
      const { version, tags } = await readVersion(client, name, signal);
      await changeTags(client, name, version, tags, signal);
    },
  };
}

/** @param version the newest unless given. */
async function readVersion(client: SecretClient, name: SecretName, abortSignal: AbortSignal, version?: string) {
  const options = { abortSignal, ...(version === undefined ? {} : { version }) };
  const { value, properties } = await client.getSecret(name, options).catch(failVault);
  if (!value || !properties.version) throw new BrokerError('vault-secret-malformed');
  return { value, version: properties.version, tags: properties.tags ?? {} };
}

async function addVersion(
  client: SecretClient,
  name: SecretName,
  secret: Secret,
  tags: Tags,
  abortSignal: AbortSignal,
): Promise<void> {
  await client.setSecret(name, secret.open(), { tags, abortSignal }).catch(failVault);
}

/** A secret that is not there yet has none. */
async function readTagsOfNewest(client: SecretClient, name: SecretName, signal: AbortSignal): Promise<Tags> {
  try {
    return (await readVersion(client, name, signal)).tags;
  } catch (error) {
    if (error instanceof BrokerError && error.reason === 'vault-secret-missing') return {};
    throw error;
  }
}

async function changeTags(
  client: SecretClient,
  name: SecretName,
  version: string,
  tags: Tags,
  abortSignal: AbortSignal,
): Promise<void> {
  await client.updateSecretProperties(name, version, { tags, abortSignal }).catch(failVault);
}
