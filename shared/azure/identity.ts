import { ManagedIdentityCredential, type AccessToken, type TokenCredential } from '@azure/identity';
import type { Clock } from '../clock.ts';
import { neverAborted, withDeadline } from '../deadline.ts';
import { BrokerError } from '../errors.ts';
import { networkErrorOf } from '../upstream-error.ts';
import { createRefreshing, type Refreshing } from '../refreshing.ts';

type Options = {
  clientId: string | undefined;
  upstreamTimeoutMs: () => number;
  onFailure: (error: unknown) => void;
  /** Put around each token request. */
  measure?: <T>(request: () => Promise<T>) => Promise<T>;
};

/**
 * How much earlier than it does the SDKs are told that a token expires. They refresh in the two minutes before, and a refresh of theirs
 * that fails until the expiry with no one waiting is an unhandled rejection, which ends the worker (measured). In that time ours always
 * answers.
 */
const toldEarlierMs = 300_000;

/** The app's managed identity. One token request per resource, however many ask; refreshed in the background from half of its life. */
export function createIdentity(clock: Clock, options: Options): TokenCredential {
  const credential = new ManagedIdentityCredential({
    ...(options.clientId === undefined ? {} : { clientId: options.clientId }),
    retryOptions: { maxRetries: 0 },
    redirectOptions: { maxRetries: 0 },
  });
  return cacheTokens(clock, credential, options);
}

/** Puts a cache of our own in front of a credential. */
function cacheTokens(
  clock: Clock,
  credential: TokenCredential,
  { upstreamTimeoutMs, onFailure, measure = (request) => request() }: Omit<Options, 'clientId'>,
): TokenCredential {
  const caches = new Map<string, Refreshing<AccessToken>>();

  const acquire = (scope: string) => async () => {
    const startedAt = clock.monotonic();
    const token = await measure(() =>
      withDeadline(clock, upstreamTimeoutMs(), 'identity-unavailable', (abortSignal) =>
        credential.getToken(scope, { abortSignal }).catch(fail),
      ),
    );
    if (!token) throw new BrokerError('identity-refused');
    const lifeMs = token.expiresOnTimestamp - clock.wall();
    // Without a readable expiry the SDK gives NaN; from a cache of the platform's, a token may come late.
    if (!(lifeMs > 0)) throw new BrokerError('identity-unavailable');
    return { value: token, refreshAt: startedAt + lifeMs / 2, expiresAt: startedAt + lifeMs };
  };

  const cacheOf = (scope: string) => {
    const cache =
      caches.get(scope) ?? createRefreshing(clock, acquire(scope), { shortLived: 'identity-unavailable', onFailure });
    caches.set(scope, cache);
    return cache;
  };

  return {
    getToken: async (scopes) => {
      const scope = typeof scopes === 'string' ? scopes : (scopes[0] ?? '');
      const { value } = await cacheOf(scope).get(0, neverAborted);
      return { token: value.token, expiresOnTimestamp: value.expiresOnTimestamp - toldEarlierMs };
    },
  };
}

function fail(error: unknown): never {
  const status = statusOf(error);
  const isRefused = status >= 400 && status < 500 && status !== 408 && status !== 429;
  const reason = isRefused ? 'identity-refused' : 'identity-unavailable';
  throw new BrokerError(reason, { upstream: status || networkErrorOf(error) });
}

/** The status of the endpoint's answer, which the SDK keeps in the cause of its error; 0 without an answer. */
function statusOf(error: unknown): number {
  const cause: unknown = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'status' in cause && typeof cause.status === 'number' ? cause.status : 0;
}
