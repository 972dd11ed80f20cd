import type { TokenCredential } from '@azure/identity';
import type { Clock } from '../clock.ts';
import type { ConfigSource } from '../config/source.ts';
import { BrokerError } from '../errors.ts';
import type { Named } from '../names.ts';
import { traceHeaders } from '../trace-context.ts';
import { readText } from './read-text.ts';
import { parseRetryAfter } from './retry-after.ts';
import { acquireToken, serviceVersion, toUnavailable } from './table-request.ts';

type Dependencies = { clock: Clock; credential: TokenCredential };

/**
 * A configuration in a blob of Azure Storage: one conditional GET ("Get Blob", "Specifying conditional headers for Blob service operations"). The
 * identity needs the role Storage Blob Data Reader.
 */
export function createConfigBlob({ clock, credential }: Dependencies, { url }: { url: string }): ConfigSource {
  const get = async (etag: string | undefined, signal: AbortSignal): Promise<Response> => {
    const headers = {
      'x-ms-date': new Date(clock.wall()).toUTCString(),
      'x-ms-version': serviceVersion,
      ...traceHeaders(),
      Authorization: `Bearer ${await acquireToken(credential, signal)}`,
      ...(etag === undefined ? {} : { 'If-None-Match': etag }),
    };
    return fetch(url, { headers, redirect: 'manual', signal }).catch((error: unknown) => {
      throw toUnavailable(error);
    });
  };

  return {
    read: async (etag, signal) => {
      const response = await get(etag, signal);
      if (response.status === 304 && etag !== undefined) return undefined;
      const newEtag = response.headers.get('etag');
      if (response.status === 200 && newEtag !== null) return { text: await readConfig(response), etag: newEtag };
      response.body?.cancel().catch(() => {});
      throw toBlobError(response, clock.wall());
    },
  };
}

async function readConfig(response: Response): Promise<string | undefined> {
  return readText(response).catch((error: unknown) => {
    if (error instanceof RangeError) return undefined;
    throw toUnavailable(error);
  });
}

/** A 200 without an ETag is not Azure Storage's: something stands in between. */
function toBlobError({ status, headers }: Response, wallMs: number): BrokerError {
  const isPassing = status === 429 || status >= 500 || status === 200 || status === 304;
  return new BrokerError(isPassing ? 'storage-unavailable' : 'storage-refused', {
    retryAfterMs: parseRetryAfter(headers.get('retry-after'), wallMs),
    upstream: codeOf(headers.get('x-ms-error-code')) ?? status,
  });
}

/** What the service calls its refusal ("Blob service error codes"). */
function codeOf(header: string | null): Named<'upstream-error'> | undefined {
  return header !== null && /^[A-Za-z]{1,60}$/.test(header) ? (header as Named<'upstream-error'>) : undefined;
}
