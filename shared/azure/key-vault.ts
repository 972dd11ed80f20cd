import type { TokenCredential } from '@azure/identity';
import type { Clock } from '../clock.ts';
import type { SecretStore } from '../credentials/ports.ts';
import { BrokerError } from '../errors.ts';
import { Secret } from '../secret.ts';
import { createVaultClient, failVault, type VaultOptions } from './vault-client.ts';

/** Secrets in Azure Key Vault. One read is one request. */
export function createSecretStore(clock: Clock, credential: TokenCredential, options: VaultOptions): SecretStore {
  const client = createVaultClient(clock, credential, options);
  return {
    read: async (name, abortSignal) => {
      const { value, properties } = await client.getSecret(name, { abortSignal }).catch(failVault);
      if (!value || !properties.version) throw new BrokerError('vault-secret-malformed');
      return { secret: new Secret(value), version: properties.version, expiresOn: properties.expiresOn?.getTime() };
    },
  };
}
