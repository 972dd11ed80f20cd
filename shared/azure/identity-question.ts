import type { TokenCredential } from '@azure/identity';
import type { Service, TokenFacts } from '../doctor/ports.ts';
import { BrokerError } from '../errors.ts';
import { Secret } from '../secret.ts';
import { readTokenFacts } from './token-facts.ts';

type Options = { keyVaultUrl: string; resourceManagerAudience: string };

/** Asks for the tokens that the SDKs would ask for, and tells of them what they say of themselves. */
export function createIdentityQuestion(credential: TokenCredential, options: Options) {
  const audiences: Readonly<Record<Service, string>> = {
    'Key Vault': vaultAudienceOf(options.keyVaultUrl),
    'Azure Resource Manager': options.resourceManagerAudience,
    'Table Storage': 'https://storage.azure.com',
  };
  return async (service: Service, abortSignal: AbortSignal): Promise<TokenFacts> => {
    const token = await credential.getToken(`${audiences[service]}/.default`, { abortSignal }).catch(fail);
    if (!token) throw new BrokerError('identity-refused');
    return readTokenFacts(new Secret(token.token));
  };
}

/** Each cloud has a domain for its vaults, by which tokens for them are asked for; behind a private name it is the public cloud's. */
function vaultAudienceOf(keyVaultUrl: string): string {
  const [, domain = 'vault.azure.net'] = /^[^.]+\.(vault\.[a-z.]+)$/.exec(new URL(keyVaultUrl).hostname) ?? [];
  return `https://${domain}`;
}

/** A credential of the SDK's own throws errors of its own. */
function fail(error: unknown): never {
  throw error instanceof BrokerError ? error : new BrokerError('identity-unavailable');
}
