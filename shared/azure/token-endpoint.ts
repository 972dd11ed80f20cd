import type { Clock } from '../clock.ts';
import { BrokerError } from '../errors.ts';
import { traceHeaders } from '../trace-context.ts';
import { networkErrorOf, type UpstreamError } from '../upstream-error.ts';
import { asMembers, parseJson } from './json.ts';
import { parseRetryAfter } from './retry-after.ts';
import { readText } from './read-text.ts';

/** One token request, from the call of MSAL to the answer as it came over the wire. */
export type TokenExchange = {
  readonly signal: AbortSignal;
  /** Monotonic reading before the request. */
  readonly startedAt: number;
  answer: TokenAnswer | undefined;
  /** Why there is no answer. */
  networkError?: UpstreamError | undefined;
};

type TokenAnswer = {
  readonly status: number;
  readonly retryAfterMs: number | undefined;
  /** `error_codes` of an error body: AADSTS numbers. */
  readonly errorNumbers: readonly number[];
  /** `expires_in` as milliseconds, where it is one. */
  readonly lifeMs: number | undefined;
};

type Answer<T> = { headers: Record<string, string>; body: T; status: number };
type RequestOptions = { headers?: Record<string, string>; body?: string };

/**
 * MSAL's network client: a POST that obeys the exchange's abort signal, follows no redirect, and notes what MSAL would lose. MSAL is given
 * an answer that is not JSON as an empty object.
 */
export function createTokenEndpointClient(clock: Clock, currentExchange: () => TokenExchange | undefined) {
  return {
    // MSAL discovers nothing: it is told the endpoints.
    sendGetRequestAsync: <T>(): Promise<Answer<T>> => Promise.reject(new BrokerError('unexpected')),
    sendPostRequestAsync: async <T>(url: string, { headers, body }: RequestOptions = {}): Promise<Answer<T>> => {
      const exchange = currentExchange();
      if (!exchange) throw new BrokerError('unexpected');
      const response = await fetch(url, {
        method: 'POST',
        headers: { ...headers, ...traceHeaders() },
        body: body ?? '',
        redirect: 'error',
        signal: exchange.signal,
      }).catch((error: unknown) => {
        exchange.networkError = networkErrorOf(error);
        throw error;
      });
      const parsed = asMembers(parseJson(await readText(response))) ?? {};
      exchange.answer = toTokenAnswer(response, parsed, clock.wall());
      // The type is MSAL's guess at the body; MSAL checks it, and so do we.
      return { status: response.status, headers: Object.fromEntries(response.headers), body: parsed as T };
    },
  };
}

function toTokenAnswer(
  { status, headers }: Response,
  body: Readonly<Record<string, unknown>>,
  wallMs: number,
): TokenAnswer {
  const numbers = body['error_codes'];
  return {
    status,
    retryAfterMs: parseRetryAfter(headers.get('retry-after'), wallMs),
    errorNumbers: Array.isArray(numbers) ? numbers.filter((number) => typeof number === 'number') : [],
    lifeMs: readSeconds(body['expires_in']),
  };
}

/** RFC 6749 has a number there; some Entra endpoints write it as a text. */
function readSeconds(value: unknown): number | undefined {
  const seconds = typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value;
  return typeof seconds === 'number' && Number.isFinite(seconds) ? seconds * 1_000 : undefined;
}
