import { describe, expect, test } from '@jest/globals';
import type { HttpMethod } from '@azure/functions';
import { BrokerError } from '../../../shared/errors.ts';
import { jsonAnswer } from '../../../shared/http/answer.ts';
import { allMethods } from '../../../shared/http/methods.ts';
import { serve, type Route, type ServeOptions } from '../../../shared/http/serve.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { unhandledDuring } from '../../support/unhandled.ts';
import { call, problemIn, requestId } from './exchange.ts';

const requestTimeoutMs = 5_000;
const clock = createManualClock();
const handlerOf = (route: Route, methods: readonly string[] = ['GET']) =>
  serve({ clock, requestTimeoutMs }, methods, route);
const failWith = (error: unknown) =>
  handlerOf(async () => {
    throw error;
  });
const common = {
  'cache-control': 'no-store',
  pragma: 'no-cache',
  'x-content-type-options': 'nosniff',
  'x-request-id': requestId,
};

describe('a handler', () => {
  test('answers what its route answers', async () => {
    const { status, headers, body } = await call(handlerOf(async () => jsonAnswer({ status: 'alive' }, 201)));
    expect({ status, body }).toEqual({ status: 201, body: '{"status":"alive"}' });
    expect(headers['content-type']).toBe('application/json');
  });

  test.each<[string, ReturnType<typeof handlerOf>]>([
    ['an answer', handlerOf(async () => jsonAnswer({}))],
    ['a refusal', failWith(new BrokerError('api-unknown'))],
    ['a failure of an upstream', failWith(new BrokerError('entra-unavailable'))],
    ['a defect', failWith(new TypeError('x'))],
    ['a method that it does not take', handlerOf(async () => jsonAnswer({}), ['POST'])],
  ])('puts the headers that stand on every answer on %s', async (_what, handler) => {
    expect((await call(handler)).headers).toMatchObject(common);
  });

  test('tells the route the request, its id, and when it came', async () => {
    const route: Route = async ({ request, requestId: id, startedAt }) =>
      jsonAnswer({ url: request.url, id, startedAt });
    const { body } = await call(handlerOf(route), { url: 'https://broker.example/x' });
    expect(JSON.parse(body)).toEqual({ url: 'https://broker.example/x', id: requestId, startedAt: clock.monotonic() });
  });
});

describe('a method', () => {
  const answering = handlerOf(async () => jsonAnswer({}), ['GET', 'HEAD']);
  const others: readonly HttpMethod[] = allMethods.filter((method) => method !== 'GET' && method !== 'HEAD');

  test.each(['GET', 'HEAD'])('that the route takes gets its answer: %s', async (method) => {
    expect((await call(answering, { method })).status).toBe(200);
  });

  test.each(others)('that it does not take gets 405 and what is allowed: %s', async (method) => {
    let ran = false;
    const route: Route = async () => {
      ran = true;
      return jsonAnswer({});
    };
    const seen = await call(handlerOf(route, ['GET', 'HEAD']), { method });
    expect(seen.status).toBe(405);
    expect(seen.headers['allow']).toBe('GET, HEAD');
    expect(problemIn(seen)['code']).toBe('method-not-allowed');
    expect(ran).toBe(false);
  });
});

describe('what is refused without an audit record', () => {
  test.each<[string, HttpMethod, BrokerError, string]>([
    ['a method', 'POST', new BrokerError('expired'), 'method-unsupported'],
    ['a route', 'GET', new BrokerError('route-unknown'), 'route-unknown'],
    ['an instance that is not ready', 'GET', new BrokerError('not-ready'), 'not-ready'],
    ['a broker that is not configured', 'GET', new BrokerError('misconfigured'), 'misconfigured'],
  ])('is told on the log with its request: %s', async (_what, method, error, reason) => {
    const { lines } = await call(failWith(error), { method });
    expect(lines).toEqual([
      { level: 'information', event: 'request-refused', requestId, code: expect.any(String), reason },
    ]);
  });

  test.each([
    'audit-unavailable',
    'deadline',
    'call-overdue',
    'api-unavailable',
    'api-answer-too-long',
    'api-answer-encoded',
    'api-answer-echoes',
  ] as const)('is told on the log also where its record was accepted before: %s', async (reason) => {
    const { lines } = await call(failWith(new BrokerError(reason)));
    expect(lines).toEqual([expect.objectContaining({ event: 'request-refused', requestId, reason })]);
  });
});

describe('a problem', () => {
  const served = (options: Partial<ServeOptions>) =>
    serve({ clock, requestTimeoutMs, ...options }, ['GET'], async () => {
      throw new BrokerError('rate-limit', { retryAfterMs: 5_000 });
    });

  test('has the media type that is chosen for its client, and caches tell it apart', async () => {
    const { status, headers } = await call(served({ problemType: ({ method }) => `application/${method}` }));
    expect([status, headers['content-type'], headers['vary']]).toEqual([429, 'application/GET', 'Accept']);
    expect(headers['retry-after']).toBe('5');
  });

  test('is application/problem+json for everybody where nobody chooses', async () => {
    const { headers } = await call(served({}));
    expect([headers['content-type'], headers['vary']]).toEqual(['application/problem+json', undefined]);
  });

  test('says of a call that was not answered in time what that means', async () => {
    const never: Route = () => new Promise(() => {});
    const handler = serve({ clock, requestTimeoutMs, overdue: 'call-overdue' }, ['GET'], never);
    const seen = call(handler);
    await clock.advance(requestTimeoutMs);
    expect(problemIn(await seen)['detail']).toContain('may have been done');
  });
});

describe('a route that takes too long', () => {
  test('is answered with 503 at the deadline and not before, whether or not it obeys', async () => {
    let given: AbortSignal | undefined;
    const handler = handlerOf((_exchange, signal) => {
      given = signal;
      return new Promise(() => {});
    });
    let answered = false;
    const seen = call(handler).finally(() => (answered = true));
    await clock.advance(requestTimeoutMs - 1);
    expect({ answered, aborted: given?.aborted }).toEqual({ answered: false, aborted: false });
    await clock.advance(1);
    expect({ answered, aborted: given?.aborted }).toEqual({ answered: true, aborted: true });
    expect((await seen).status).toBe(503);
    expect(problemIn(await seen)['code']).toBe('upstream-unavailable');
    expect((await seen).headers).toMatchObject({ ...common, 'retry-after': '1' });
  });

  test('leaves no timer behind when it is in time', async () => {
    await call(handlerOf(async () => jsonAnswer({})));
    expect(clock.pending()).toBe(0);
  });

  test('and fails afterwards is no unhandled rejection', async () => {
    const unhandled = await unhandledDuring(async () => {
      const handler = handlerOf(async (_exchange, signal) => {
        await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
        throw new Error('too late');
      });
      const seen = call(handler);
      await clock.advance(requestTimeoutMs);
      expect((await seen).status).toBe(503);
      await clock.advance(0);
    });
    expect(unhandled).toHaveLength(0);
  });
});

describe('an error', () => {
  test('that the broker means is answered as what it is and not logged as a defect', async () => {
    const seen = await call(failWith(new BrokerError('api-unknown')));
    expect(problemIn(seen)).toMatchObject({ status: 403, code: 'forbidden', requestId });
    expect(seen.lines).toEqual([]);
  });

  test('that nobody expected is 500 without its text, and logged as its type and where it was thrown', async () => {
    const error = new RangeError('CANARYfeedface', { cause: new Error('CANARYfeedface') });
    const seen = await call(failWith(Object.assign(error, { request: { headers: 'CANARYfeedface' } })));
    expect(seen.status).toBe(500);
    expect(problemIn(seen)['code']).toBe('internal-error');
    expect(seen.lines).toEqual([
      {
        level: 'error',
        event: 'unexpected-error',
        type: 'RangeError',
        frames: expect.stringContaining('serve.test.ts'),
      },
    ]);
    expect(JSON.stringify(seen)).not.toContain('CANARY');
  });

  test('that is thrown before the route returns a promise is caught too', async () => {
    const seen = await call(
      handlerOf(() => {
        throw new TypeError('CANARYfeedface');
      }),
    );
    expect(seen.status).toBe(500);
    expect(JSON.stringify(seen)).not.toContain('CANARY');
  });

  test.each<[string, unknown]>([
    ['a text', 'CANARYfeedface'],
    ['an object', { message: 'CANARYfeedface' }],
    ['nothing', undefined],
    ['null', null],
    ['a symbol', Symbol('CANARYfeedface')],
    ['a function', () => 'CANARYfeedface'],
  ])('that is %s is 500, and its type is all that is logged', async (_what, thrown) => {
    const seen = await call(failWith(thrown));
    expect(seen.status).toBe(500);
    expect(seen.lines).toEqual([{ level: 'error', event: 'unexpected-error', type: typeof thrown }]);
    expect(JSON.stringify(seen)).not.toContain('CANARY');
  });

  test('of ours that should never happen is logged with where it was thrown', async () => {
    const seen = await call(failWith(new BrokerError('unexpected')));
    expect(seen.lines).toEqual([
      expect.objectContaining({ event: 'unexpected-error', frames: expect.stringContaining('serve.test.ts') }),
    ]);
  });

  test.each<[string, Error]>([
    ['no stack', Object.assign(new Error('x'), { stack: null })],
    ['a stack of call sites', Object.assign(new Error('x'), { stack: [] })],
  ])('with %s does not get past the handler', async (_what, error) => {
    expect((await call(failWith(error))).status).toBe(500);
  });
});
