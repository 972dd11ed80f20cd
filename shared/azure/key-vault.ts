import type { TokenCredential } from '@azure/identity';
import { SecretClient } from '@azure/keyvault-secrets';
import type { Clock } from '../clock.ts';
import type { SecretStore } from '../credentials/ports.ts';
import { BrokerError, type Reason } from '../errors.ts';
import { Secret } from '../secret.ts';
import { parseRetryAfter } from './retry-after.ts';

type Options = {
  url: string;
  /** Whether the challenge's resource must be the vault's own domain. Off only behind a private DNS name. */
  verifyChallenge: boolean;
};

/**
 * Secrets in Azure Key Vault. One read is one request: the caches in front know better than the SDK when to ask again, and the SDK would
 * obey any `Retry-After` (measured).
 */
export function createSecretStore(
  clock: Clock,
  credential: TokenCredential,
  { url, verifyChallenge }: Options,
): SecretStore {
  const client = new SecretClient(url, credential, {
    retryOptions: { maxRetries: 0 },
    disableChallengeResourceVerification: !verifyChallenge,
  });
  return {
    read: async (name, abortSignal) => {
      const { value, properties } = await client.getSecret(name, { abortSignal }).catch(failWith(clock.wall()));
      if (!value || !properties.version) throw new BrokerError('vault-secret-malformed');
      return { secret: new Secret(value), version: properties.version };
    },
  };
}

/** The SDK's errors carry requests and bearer tokens: none of them goes further than this. */
function failWith(wallMs: number) {
  return (error: unknown): never => {
    if (error instanceof BrokerError) throw error;
    const { statusCode: status, response, details }: Answer = isAnswer(error) ? error : {};
    if (status === undefined) throw new BrokerError('vault-unavailable');
    if (status === 429 || status >= 500) {
      const retryAfterMs = parseRetryAfter(response?.headers?.get('retry-after'), wallMs);
      throw new BrokerError('vault-unavailable', { retryAfterMs });
    }
    throw new BrokerError(refusalOf(status, details?.error?.innererror?.code));
  };
}

/** The members of the SDK's `RestError` that are looked at. */
type Answer = {
  statusCode?: number;
  response?: { headers?: { get(name: string): string | undefined } };
  details?: { error?: { innererror?: { code?: string } } };
};

function isAnswer(error: unknown): error is Error & Answer {
  return error instanceof Error;
}

function refusalOf(status: number, innerCode: string | undefined): Reason {
  if (status === 404) return 'vault-secret-missing';
  if (status === 403) return innerCode === 'SecretDisabled' ? 'vault-secret-disabled' : 'vault-forbidden';
  return status === 401 ? 'vault-forbidden' : 'vault-refused';
}
