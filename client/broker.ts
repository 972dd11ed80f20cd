import { now } from './clock.ts';
import { BrokerError } from './error.ts';
import { isHeaderValue, readGiven, type Given } from './header-set.ts';
import type { Settings } from './options.ts';
import { isTransient, problemOf } from './problem.ts';
import { pause, within } from './wait.ts';

/** What is asked for. */
type Question = {
  /** From the broker's URL. */
  readonly path: string;
  /** Of a `POST`; without it the request is a `GET`. */
  readonly body?: (signal: AbortSignal) => Promise<object>;
  /** Not to be asked earlier: as long as the broker said that it must be left alone. */
  readonly delayMs?: number;
  /** Whether somebody waits for the answer, so that it is worth asking again. */
  readonly isAwaited: () => boolean;
};

export type Broker = { ask(question: Question): Promise<Given> };

/** The first wait for a broker that cannot be reached, or that names no `Retry-After`; each further one is twice as long. */
const firstPauseMs = 250;

/** Asks the broker for header sets. Follows no redirect, so that the token goes nowhere else. */
export function createBroker({ brokerUrl, credential, scope, timeoutMs, waitMs, fetch, clock }: Settings): Broker {
  const tokenOf = async (abortSignal: AbortSignal): Promise<string> => {
    let given;
    try {
      given = await credential.getToken(scope, { abortSignal });
    } catch (cause) {
      throw new BrokerError('no-token', 'The credential gave no token; the cause says why.', { cause });
    }
    const token = given?.token;
    if (!isHeaderValue(token))
      throw new BrokerError('no-token', 'The credential gave no token; getToken answers { token }.');
    return token;
  };

  const send = async (path: string, body: object | undefined, signal: AbortSignal): Promise<Given> => {
    const headers: Record<string, string> = {
      Accept: 'application/json, application/problem+json',
      Authorization: `Bearer ${await tokenOf(signal)}`,
      ...(body && { 'Content-Type': 'application/json' }),
    };
    const askedAt = now(clock);
    try {
      const response = await fetch(`${brokerUrl}${path}`, {
        ...(body && { method: 'POST', body: JSON.stringify(body) }),
        headers,
        redirect: 'manual',
        signal,
      });
      const text = await response.text();
      if (response.status !== 200) throw problemOf(clock, response, text);
      return readGiven(text, askedAt);
    } catch (cause) {
      if (cause instanceof BrokerError) throw cause;
      throw new BrokerError('unreachable', 'The broker cannot be reached; the cause says why.', { cause });
    }
  };

  return {
    ask: ({ path, body, delayMs = 0, isAwaited }) =>
      within(clock, timeoutMs, async (signal) => {
        let waitedMs = delayMs;
        if (delayMs > 0) await pause(clock, delayMs, signal);
        const sent = await body?.(signal);
        for (let pauseMs = firstPauseMs; ; pauseMs *= 2) {
          try {
            return await send(path, sent, signal);
          } catch (error) {
            if (!(error instanceof BrokerError) || !isTransient(error) || !isAwaited()) throw error;
            const nextMs = Math.max(pauseMs, (error.retryAfter ?? 0) * 1_000);
            waitedMs += nextMs;
            if (waitedMs > waitMs) throw error;
            await pause(clock, nextMs, signal);
          }
        }
      }),
  };
}
