import type { Clock } from '../clock.ts';
import type { PublishedKey, SigningKeySource } from '../callers/ports.ts';
import { BrokerError } from '../errors.ts';
import { traceHeaders } from '../trace-context.ts';
import { networkErrorOf } from '../upstream-error.ts';
import { readText } from './read-text.ts';
import { parseRetryAfter } from './retry-after.ts';

/** Where Entra publishes the keys of a tenant's v2 tokens. */
export function createSigningKeySource(
  clock: Clock,
  issuer: { authorityHost: string; tenantId: string },
): SigningKeySource {
  const url = `${issuer.authorityHost}/${issuer.tenantId}/discovery/v2.0/keys`;
  return {
    fetch: async (signal) => {
      const response = await fetch(url, { headers: traceHeaders(), redirect: 'error', signal }).catch(fail);
      if (response.status !== 200) {
        await response.body?.cancel();
        const retryAfterMs = parseRetryAfter(response.headers.get('retry-after'), clock.wall());
        throw new BrokerError('signing-keys-unavailable', { retryAfterMs, upstream: response.status });
      }
      return readKeys(await readText(response).catch(fail));
    },
  };
}

function fail(cause: unknown): never {
  throw new BrokerError('signing-keys-unavailable', { cause, upstream: networkErrorOf(cause) });
}

function readKeys(text: string): PublishedKey[] {
  try {
    const { keys } = JSON.parse(text) as { keys: unknown };
    if (Array.isArray(keys)) return keys.filter((key) => typeof key === 'object' && key !== null && isKid(key.kid));
  } catch {
    // falls through to the one failure
  }
  throw new BrokerError('signing-keys-unavailable');
}

function isKid(value: unknown): boolean {
  return typeof value === 'string' && value.length > 0;
}
