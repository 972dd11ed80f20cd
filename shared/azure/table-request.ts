import type { TokenCredential } from '@azure/identity';
import type { Clock } from '../clock.ts';
import { untilAborted } from '../deadline.ts';
import { BrokerError } from '../errors.ts';
import type { Named } from '../names.ts';
import { traceHeaders } from '../trace-context.ts';
import { networkErrorOf } from '../upstream-error.ts';
import { readText } from './read-text.ts';
import { parseRetryAfter } from './retry-after.ts';

/** A request to a table service. */
export type TableRequest = {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
};

/** A 2xx answer, read to its end. */
export type TableAnswer = { readonly status: number; readonly headers: Headers; readonly text: string };

type Dependencies = { clock: Clock; credential: TokenCredential };

const scope = 'https://storage.azure.com/.default';
/** Entra's tokens need 2017-11-09 ("Versioning for Azure Storage"), JSON 2013-08-15; what data-tables 13.3.2 sends is 2019-02-02. */
export const serviceVersion = '2020-12-06';
/** Refused now, and not for good: a table takes a while to go. */
const passing = 'TableBeingDeleted';

/**
 * Sends one request, once, and reads its answer.
 *
 * @throws {BrokerError} `storage-unavailable` without an answer or for one that may be another later, `storage-refused` for any other but a
 *   2xx, and what the credential throws.
 */
export async function requestTable(
  { clock, credential }: Dependencies,
  request: TableRequest,
  signal: AbortSignal,
): Promise<TableAnswer> {
  const token = await acquireToken(credential, signal);
  const headers = { ...request.headers, ...commonHeaders(clock), ...traceHeaders(), Authorization: `Bearer ${token}` };
  const answer = await exchange({ ...request, headers }, signal).catch((error: unknown) => {
    throw toUnavailable(error);
  });
  const { status, text } = answer;
  if (status >= 200 && status < 300) return answer;
  throw toTableError(status, text, parseRetryAfter(answer.headers.get('retry-after'), clock.wall()));
}

/** A token for Azure Storage, tables and blobs alike. */
export async function acquireToken(credential: TokenCredential, signal: AbortSignal): Promise<string> {
  const acquiring = credential.getToken(scope, { abortSignal: signal });
  const token = await untilAborted(acquiring, signal).catch((error: unknown) => {
    // Whatever an abort has for its reason, it is not the identity's.
    throw error instanceof BrokerError && !signal.aborted ? error : toUnavailable(error);
  });
  if (!token) throw new BrokerError('identity-refused');
  return token.token;
}

function commonHeaders(clock: Clock) {
  return {
    'x-ms-date': new Date(clock.wall()).toUTCString(),
    'x-ms-version': serviceVersion,
    DataServiceVersion: '3.0',
    MaxDataServiceVersion: '3.0',
  };
}

/** A redirect is not followed, which would take the token along, but is an answer like another: it says who stands in between. */
async function exchange({ url, ...request }: TableRequest, signal: AbortSignal): Promise<TableAnswer> {
  const response = await fetch(url, { ...request, redirect: 'manual', signal });
  return { status: response.status, headers: response.headers, text: await readText(response) };
}

export function toUnavailable(error: unknown): BrokerError {
  return new BrokerError('storage-unavailable', { upstream: networkErrorOf(error) });
}

/** What an answer means that is no 2xx: the request's own, or that of an operation in a transaction. */
export function toTableError(status: number, text: string, retryAfterMs?: number): BrokerError {
  const code = codeOf(text);
  const isPassing = status === 429 || status >= 500 || code === passing;
  return new BrokerError(isPassing ? 'storage-unavailable' : 'storage-refused', {
    retryAfterMs,
    upstream: code ?? status,
  });
}

/** The code of an error body; nothing of an answer that is not the table service's. */
function codeOf(text: string): Named<'upstream-error'> | undefined {
  const [, code] = /^\s*\{\s*"odata\.error"\s*:\s*\{\s*"code"\s*:\s*"([A-Za-z]{1,60})"/.exec(text) ?? [];
  return code as Named<'upstream-error'> | undefined;
}
