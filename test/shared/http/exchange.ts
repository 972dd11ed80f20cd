import { HttpRequest, InvocationContext, type HttpRequestInit } from '@azure/functions';
import type { HttpHandler, Exchange } from '../../../shared/http/serve.ts';
import type { RequestId } from '../../../shared/names.ts';
import { createLog } from '../../../shared/telemetry/log.ts';

export const signal = new AbortController().signal;
export const requestId = '5c0d3f5e-7c1b-4a57-9d27-0f2b1a0f9c11' as RequestId;

export function requestOf(init: Partial<HttpRequestInit> = {}): HttpRequest {
  return new HttpRequest({ method: 'GET', url: 'https://broker.example/v1/headers/core', ...init });
}

type Line = Readonly<Record<string, unknown>>;

/** An invocation of the Functions host, with what is logged in it. */
function createInvocation(): { context: InvocationContext; lines: Line[] } {
  const lines: Line[] = [];
  const context = new InvocationContext({
    invocationId: requestId,
    functionName: 'headers',
    logHandler: (level, ...texts) => void lines.push({ level, ...JSON.parse(String(texts[0])) }),
  });
  return { context, lines };
}

/** A request on its way, without a host around it. */
export function exchangeOf(init: Partial<HttpRequestInit> = {}): Exchange {
  return { request: requestOf(init), requestId, startedAt: 0, log: createLog(createInvocation().context) };
}

export type Seen = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly lines: readonly Line[];
};

/** What a caller of a handler sees, and what is logged. */
export async function call(handler: HttpHandler, init: Partial<HttpRequestInit> = {}): Promise<Seen> {
  const { context, lines } = createInvocation();
  const { status, headers, body } = await handler(requestOf(init), context);
  if (typeof body !== 'string') throw new TypeError('The body is no text.');
  return { status, headers: Object.fromEntries(new Headers(Object.entries(headers))), body, lines };
}

export function problemIn({ body }: { body: string }): Record<string, unknown> {
  return JSON.parse(body) as Record<string, unknown>;
}

/** The code and reason of what a promise rejects with. */
export function refusalOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => 'accepted',
    (error: unknown) => ({ code: Reflect.get(Object(error), 'code'), reason: Reflect.get(Object(error), 'reason') }),
  );
}
