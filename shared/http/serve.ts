import type { HttpRequest, InvocationContext } from '@azure/functions';
import type { Clock } from '../clock.ts';
import { withDeadline } from '../deadline.ts';
import { BrokerError, type Reason } from '../errors.ts';
import type { RequestId } from '../names.ts';
import { createLog, type Log } from '../telemetry/log.ts';
import { describeError } from '../telemetry/redaction.ts';
import { withTrace } from '../trace-context.ts';
import { commonHeaders, type Answer } from './answer.ts';
import { problemAnswer } from './problems.ts';

/** One request on its way through the broker. */
export type Exchange = {
  readonly request: HttpRequest;
  readonly requestId: RequestId;
  /** Monotonic reading at the request's arrival. */
  readonly startedAt: number;
  readonly log: Log;
};

/** Answers a request, or throws why not. */
export type Route<Body extends string | Uint8Array = string> = (
  exchange: Exchange,
  signal: AbortSignal,
) => Promise<Answer<Body>>;
export type HttpHandler<Body extends string | Uint8Array = string | Uint8Array> = (
  request: HttpRequest,
  context: InvocationContext,
) => Promise<Answer<Body>>;

export type ServeOptions = {
  clock: Clock;
  requestTimeoutMs: number;
  /** Chooses the media type of a problem. Default: `application/problem+json`. */
  problemType?: (request: HttpRequest) => string;
  /** What it means that the time is up. Default: `deadline`. */
  overdue?: Reason;
};

/**
 * Makes a route a handler of the Functions host: with a deadline, the headers that stand on every answer, and every error as a problem
 * document. Nothing that a route throws gets past it.
 */
export function serve<Body extends string | Uint8Array = string>(
  { clock, requestTimeoutMs, problemType, overdue = 'deadline' }: ServeOptions,
  methods: readonly string[],
  route: Route<Body>,
): HttpHandler<Body | string> {
  return async (request, context) => {
    const exchange: Exchange = {
      request,
      requestId: context.invocationId as RequestId,
      startedAt: clock.monotonic(),
      log: createLog(context),
    };
    const run = () => withDeadline(clock, requestTimeoutMs, overdue, (signal) => route(exchange, signal));
    const answer = await withTrace(context.traceContext, () => answerTo(exchange, methods, run, problemType));
    const headers = { ...commonHeaders, 'X-Request-Id': exchange.requestId, ...answer.headers };
    return { status: answer.status, headers, body: answer.body };
  };
}

async function answerTo<Body extends string | Uint8Array>(
  { request, requestId, log }: Exchange,
  methods: readonly string[],
  run: () => Promise<Answer<Body>>,
  problemType: ServeOptions['problemType'],
): Promise<Answer<Body | string>> {
  try {
    if (!methods.includes(request.method)) throw new BrokerError('method-unsupported');
    return await run();
  } catch (error) {
    const known = toBrokerError(error, log);
    if (withoutRecord.has(known.reason)) log.info('request-refused', { requestId, ...describeError(known) });
    const problem = problemAnswer(known, requestId, methods);
    if (!problemType) return problem;
    return { ...problem, headers: { ...problem.headers, 'Content-Type': problemType(request), Vary: 'Accept' } };
  }
}

/** What is refused before there is an audit record, because there can be none, or after it. */
const withoutRecord: ReadonlySet<Reason> = new Set([
  'route-unknown',
  'method-unsupported',
  'misconfigured',
  'not-ready',
  'audit-unavailable',
  'deadline',
  'call-overdue',
  'api-unavailable',
  'api-answer-too-long',
  'api-answer-encoded',
  'api-answer-echoes',
]);

function toBrokerError(error: unknown, log: Log): BrokerError {
  if (error instanceof BrokerError && error.reason !== 'unexpected') return error;
  log.error('unexpected-error', describeError(error));
  return new BrokerError('unexpected', { cause: error });
}
