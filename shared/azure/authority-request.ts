import type { Clock } from '../clock.ts';
import { withDeadline } from '../deadline.ts';
import { BrokerError } from '../errors.ts';
import type { RegenerateOutcome } from '../rotation/ports.ts';
import { traceHeaders } from '../trace-context.ts';
import { networkErrorOf } from '../upstream-error.ts';
import { readText } from './read-text.ts';
import { parseRetryAfter } from './retry-after.ts';

/** A request to whoever issues keys. None has a body. */
export type AuthorityRequest = {
  readonly url: string | URL;
  readonly headers: Readonly<Record<string, string>>;
  /** Told of a 401 to a regenerate. */
  readonly onUnauthorized?: () => void;
};

/** What was answered, read to its end. */
export type AuthorityAnswer = { readonly status: number; readonly headers: Headers; readonly text: string };

type Exchange = {
  readonly clock: Clock;
  /** When an answer is given up, and when a regenerate that was not yet sent no longer is. Milliseconds. */
  readonly limitMs: number;
  readonly signal: AbortSignal;
};

/**
 * Asks for what can be asked for again, and reads the answer whatever its status. No redirect is followed: it would take the credentials along.
 *
 * @throws {BrokerError} `authority-unavailable` without an answer.
 */
export async function ask(
  method: 'GET' | 'POST',
  { url, headers }: AuthorityRequest,
  { clock, limitMs, signal }: Exchange,
): Promise<AuthorityAnswer> {
  const exchange = async (limit: AbortSignal) => {
    const either = AbortSignal.any([signal, limit]);
    const response = await fetch(url, {
      method,
      headers: { ...headers, ...traceHeaders() },
      redirect: 'error',
      signal: either,
    });
    return { status: response.status, headers: response.headers, text: await readText(response) };
  };
  return withDeadline(clock, limitMs, 'authority-unavailable', exchange).catch((error: unknown) => {
    throw new BrokerError('authority-unavailable', { upstream: networkErrorOf(error) });
  });
}

/** These pass by themselves, like anything from 500. 409 is what API Management says while somebody else changes the subscription. */
const passing = new Set([408, 409, 429]);

/** @throws {BrokerError} `authority-unavailable` for an answer that may be another one later, `authority-refused` for any other but a 2xx. */
export function expectSuccess({ status, headers }: AuthorityAnswer, clock: Clock): void {
  if (status >= 200 && status < 300) return;
  const retryAfterMs = parseRetryAfter(headers.get('retry-after'), clock.wall());
  const isPassing = passing.has(status) || status >= 500;
  throw new BrokerError(isPassing ? 'authority-unavailable' : 'authority-refused', {
    retryAfterMs,
    upstream: status,
  });
}

/** They say that nothing was done. After any other answer but a 2xx something may have been, or may yet be. */
const refusals = new Set([400, 401, 403, 404, 409, 422, 429]);

/**
 * Sends one `POST`, once. Never throws.
 *
 * @param prepare makes the request. A worker that was frozen meanwhile must not send it, because its intent may be somebody else's by then.
 */
export async function regenerateOnce(
  prepare: () => Promise<AuthorityRequest>,
  mayStillSend: () => boolean,
  { clock, signal }: Pick<Exchange, 'clock' | 'signal'>,
): Promise<RegenerateOutcome> {
  const request = await prepare().catch((error: unknown) => toRefusal(error));
  if ('kind' in request) return request;
  return !mayStillSend() || signal.aborted ? toRefusal(undefined) : post(request, clock, signal);
}

function toRefusal(error: unknown): RegenerateOutcome {
  return { kind: 'refused', retryAfterMs: error instanceof BrokerError ? error.retryAfterMs : undefined };
}

async function post(
  { url, headers, onUnauthorized }: AuthorityRequest,
  clock: Clock,
  signal: AbortSignal,
): Promise<RegenerateOutcome> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { ...headers, ...traceHeaders() },
    redirect: 'error',
    signal,
  }).catch(() => undefined);
  if (!response) return { kind: 'ambiguous' };
  // The status says it all.
  response.body?.cancel().catch(() => {});
  if (response.status === 401) onUnauthorized?.();
  return toOutcome(response, clock.wall());
}

function toOutcome({ ok, status, headers }: Response, wallMs: number): RegenerateOutcome {
  if (ok) return { kind: 'done' };
  if (!refusals.has(status)) return { kind: 'ambiguous' };
  return { kind: 'refused', retryAfterMs: parseRetryAfter(headers.get('retry-after'), wallMs) };
}
