import type { TokenCredential } from '@azure/identity';
import { SecretClient, type SecretClientOptions } from '@azure/keyvault-secrets';
import type { Clock } from '../clock.ts';
import { BrokerError, type Reason } from '../errors.ts';
import { traceHeaders } from '../trace-context.ts';
import { networkErrorOf } from '../upstream-error.ts';
import { parseRetryAfter } from './retry-after.ts';

export type VaultOptions = {
  url: string;
  /** Whether the challenge's resource must be the vault's own domain. Off only behind a private DNS name. */
  verifyChallenge: boolean;
};

/**
 * A client of Azure Key Vault. One call is one request: whoever calls knows better than the SDK when to ask again, and the SDK would obey
 * any `Retry-After` (measured). An error answer is thrown as a `BrokerError`.
 */
export function createVaultClient(
  clock: Clock,
  credential: TokenCredential,
  { url, verifyChallenge }: VaultOptions,
): SecretClient {
  return new SecretClient(url, credential, {
    retryOptions: { maxRetries: 0 },
    // Whoever is sent on would be given the identity's token as well.
    redirectOptions: { maxRetries: 0 },
    disableChallengeResourceVerification: !verifyChallenge,
    additionalPolicies: [
      { policy: refuseErrors(clock), position: 'perCall' },
      { policy: carryTrace, position: 'perCall' },
    ],
  });
}

/** Nothing answered, or not with what Key Vault answers. The SDK's errors carry requests and tokens: none goes further than this. */
export function failVault(error: unknown): never {
  throw error instanceof BrokerError
    ? error
    : new BrokerError('vault-unavailable', { upstream: networkErrorOf(error) });
}

type Policy = NonNullable<SecretClientOptions['additionalPolicies']>[number]['policy'];

/**
 * Looks at an error answer before the SDK does, which loses its status and `Retry-After` when the body is not what it expects: an HTML page
 * of a proxy ends as a TypeError (measured on keyvault-secrets 4.12.0). It stands outside the policy that answers the challenge.
 */
function refuseErrors(clock: Clock): Policy {
  return {
    name: 'refuseErrors',
    sendRequest: async (request, next) => {
      const response = await next(request);
      const { status, headers, bodyAsText } = response;
      if (status < 300) return response;
      if (status === 429 || status >= 500) {
        const retryAfterMs = parseRetryAfter(headers.get('retry-after'), clock.wall());
        throw new BrokerError('vault-unavailable', { retryAfterMs, upstream: status });
      }
      throw new BrokerError(refusalOf(status, bodyAsText ?? ''), { upstream: status });
    },
  };
}

const carryTrace: Policy = {
  name: 'carryTrace',
  sendRequest: (request, next) => {
    for (const [name, value] of Object.entries(traceHeaders())) request.headers.set(name, value);
    return next(request);
  },
};

function refusalOf(status: number, body: string): Reason {
  if (status === 404) return 'vault-secret-missing';
  // The documented inner error code of a version that is disabled.
  if (status === 403) return /"code"\s*:\s*"SecretDisabled"/.test(body) ? 'vault-secret-disabled' : 'vault-forbidden';
  return status === 401 ? 'vault-forbidden' : 'vault-refused';
}
