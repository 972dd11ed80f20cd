import { readText } from '../../shared/azure/read-text.ts';
import type { Secret } from '../../shared/secret.ts';
import { networkErrorOf } from '../../shared/upstream-error.ts';
import type { Outside } from '../outside.ts';
import { unreachable } from './unreachable.ts';
import { pause, within } from './within.ts';

/** What is asked of the broker. */
export type Ask = {
  readonly path: string;
  readonly method?: 'GET' | 'POST';
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: object;
  /** By which the broker knows a command that it has carried out already. */
  readonly idempotencyKey?: string;
  /** Milliseconds. Default: 15 s. */
  readonly limitMs?: number;
};

/** What the broker answered. */
export type Received = {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
};

const usualLimitMs = 15_000;
/** How long to wait before an attempt that follows one whose connection broke, in milliseconds. */
const pausesMs = [500, 1_500];
/** A status of a thousand subscriptions has 2 MB. */
const longestAnswer = 64 * 1_048_576;
/** Nothing has reached the broker: to try again at once is of no use. */
const neverArrived = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);

/**
 * Sends a request, and again with the same `Idempotency-Key` where the connection broke: the broker may have carried it out or not, and does
 * it once. Follows no redirect, so that the token goes nowhere else.
 *
 * @throws {Failure} without an answer.
 */
export async function request(
  { clock, interrupted }: Pick<Outside, 'clock' | 'interrupted'>,
  url: string,
  ask: Ask & { token: Secret },
): Promise<Received> {
  for (const pauseMs of [...pausesMs, undefined]) {
    try {
      return await within(clock, ask.limitMs ?? usualLimitMs, interrupted, (signal) => send(url, ask, signal));
    } catch (error) {
      interrupted.throwIfAborted();
      if (pauseMs === undefined || !mayBeTransient(error)) throw unreachable(error, url, ask);
      await pause(clock, pauseMs, interrupted);
    }
  }
  throw unreachable(undefined, url, ask);
}

async function send(url: string, ask: Ask & { token: Secret }, signal: AbortSignal): Promise<Received> {
  const { method = 'GET', body, idempotencyKey, token } = ask;
  const response = await fetch(`${url}${pathOf(ask)}`, {
    method,
    headers: {
      Accept: 'application/json',
      Authorization: `Bearer ${token.open()}`,
      ...(body && { 'Content-Type': 'application/json' }),
      ...(idempotencyKey !== undefined && { 'Idempotency-Key': idempotencyKey }),
    },
    ...(body && { body: JSON.stringify(body) }),
    redirect: 'manual',
    signal,
  });
  return { status: response.status, headers: response.headers, text: await readText(response, longestAnswer) };
}

/** The path with its query, in which nothing stands that is `undefined`. */
function pathOf({ path, query = {} }: Ask): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) parameters.set(name, value);
  return parameters.size === 0 ? path : `${path}?${parameters.toString()}`;
}

/** What a certificate or an address says will be said again. */
function mayBeTransient(error: unknown): boolean {
  const code = networkErrorOf(error);
  return code !== undefined && !neverArrived.has(String(code)) && /^(ECONN|EPIPE|ETIMEDOUT|UND_ERR)/.test(String(code));
}
