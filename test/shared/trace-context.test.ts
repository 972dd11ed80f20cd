import { AsyncLocalStorage } from 'node:async_hooks';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  context,
  createContextKey,
  propagation,
  ROOT_CONTEXT,
  trace,
  type Context,
  type ContextManager,
} from '@opentelemetry/api';
import { traceHeaders, withoutTrace, withTrace } from '../../shared/trace-context.ts';

const traceParent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
const headersFor = (invocation: Parameters<typeof withTrace>[0]) => withTrace(invocation, traceHeaders);

describe('the trace of an invocation', () => {
  test('goes to upstreams as it came, through everything that is waited for', async () => {
    const headers = await withTrace({ traceParent, traceState: 'a=1,b@c=2' }, async () => {
      await new Promise((resolve) => setImmediate(resolve));
      return traceHeaders();
    });
    expect(headers).toEqual({ traceparent: traceParent, tracestate: 'a=1,b@c=2' });
  });

  test('is kept apart from that of another at the same time', async () => {
    const other = traceParent.replace('4bf9', '0000');
    const ask = async () => {
      await Promise.resolve();
      return traceHeaders()['traceparent'];
    };
    const asked = [traceParent, other].map((each) => withTrace({ traceParent: each }, ask));
    await expect(Promise.all(asked)).resolves.toEqual([traceParent, other]);
  });

  test('ends where it ends, and where nobody waits', () => {
    expect(traceHeaders()).toEqual({});
    expect(withTrace({ traceParent }, () => withoutTrace(traceHeaders))).toEqual({});
    expect(headersFor(undefined)).toEqual({});
    expect(headersFor({})).toEqual({});
  });
});

describe('what is malformed is not sent on', () => {
  test.each([
    ['another version', traceParent.replace(/^00/, '01')],
    ['the version that is none', traceParent.replace(/^00/, 'ff')],
    ['a trace id of zeros', `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`],
    ['a parent id of zeros', `00-4bf92f3577b34da6a3ce929d0e0e4736-${'0'.repeat(16)}-01`],
    ['capital letters', traceParent.toUpperCase()],
    ['something behind it', `${traceParent}-x`],
    ['a second header', `${traceParent}\r\nAuthorization: Bearer x`],
    ['a line break at its end', `${traceParent}\n`],
    ['two of them', `${traceParent},${traceParent}`],
    ['nothing', ''],
  ])('a traceparent with %s, nor its tracestate', (_, malformed) => {
    expect(headersFor({ traceParent: malformed, traceState: 'a=1' })).toEqual({});
  });

  test.each([
    ['of more than 512 characters', `a=${'x'.repeat(255)},b=${'x'.repeat(254)}`],
    ['of more than 32 members', Array.from({ length: 33 }, (_each, index) => `k${index}=1`).join(',')],
    ['with a line break', 'a=1\r\nx: y'],
    ['with a key in capitals', 'A=1'],
    ['with a value that holds an equals sign', 'a=1=2'],
    ['with a member that is none', 'a=1,b'],
    ['with letters outside of ASCII', 'a=é'],
    ['that is empty', ''],
  ])('a tracestate %s; its traceparent is', (_, traceState) => {
    expect(headersFor({ traceParent, traceState })).toEqual({ traceparent: traceParent });
  });

  test('512 characters and 32 members are within bounds', () => {
    const longest = `a=${'x'.repeat(255)},b=${'x'.repeat(252)}`;
    expect(longest).toHaveLength(512);
    const most = Array.from({ length: 32 }, (_each, index) => `k${index}=1`).join(',');
    for (const traceState of [longest, most]) {
      expect(headersFor({ traceParent, traceState })).toHaveProperty('tracestate', traceState);
    }
  });
});

describe('where an OpenTelemetry SDK carries the context', () => {
  const key = createContextKey('traceparent');
  const contexts = new AsyncLocalStorage<Context>();
  beforeAll(() => {
    propagation.setGlobalPropagator({
      fields: () => ['traceparent'],
      inject: () => {},
      extract: (active, carrier, getter) => active.setValue(key, getter.get(carrier, 'traceparent')),
    });
    const manager: ContextManager = {
      active: () => contexts.getStore() ?? ROOT_CONTEXT,
      with: (active, run, self, ...values) => contexts.run(active, () => run.call(self, ...values)),
      bind: (_active, target) => target,
      enable: () => manager,
      disable: () => manager,
    };
    context.setGlobalContextManager(manager);
  });
  afterAll(() => {
    propagation.disable();
    context.disable();
  });

  test('the invocation’s trace is the active one, and no header is written beside the SDK’s', async () => {
    const seen = await withTrace({ traceParent }, async () => {
      await Promise.resolve();
      return { active: context.active().getValue(key), headers: traceHeaders() };
    });
    expect(seen).toEqual({ active: traceParent, headers: {} });
  });

  test('a malformed one is not', () => {
    expect(withTrace({ traceParent: 'x' }, () => context.active().getValue(key))).toBeUndefined();
  });

  test('what nobody waits for has none', () => {
    const active = () => withoutTrace(() => context.active().getValue(key));
    expect(withTrace({ traceParent }, active)).toBeUndefined();
  });

  test('a span that is active already stays', () => {
    const span = { traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 1 };
    const within = () => withTrace({ traceParent }, () => trace.getSpanContext(context.active()));
    expect(context.with(trace.setSpanContext(ROOT_CONTEXT, span), within)).toEqual(span);
  });
});
