import { AsyncLocalStorage } from 'node:async_hooks';
import { context, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';

/** The trace that an invocation belongs to, as the host tells it. */
export type InvocationTrace = { readonly traceParent?: string | undefined; readonly traceState?: string | undefined };

const traces = new AsyncLocalStorage<InvocationTrace | undefined>();

/**
 * Whether an OpenTelemetry SDK carries the context: one was loaded before the broker, with a propagator. Its instrumentation of HTTP writes the
 * headers then. Two of them would make neither valid.
 */
const isCarriedBySdk = () => propagation.fields().length > 0;

/** Runs something as a part of an invocation's trace, and everything that it waits for. */
export function withTrace<T>(invocation: InvocationTrace | undefined, run: () => T): T {
  if (!isCarriedBySdk()) return traces.run(invocation, run);
  const active = context.active();
  // The host's own instrumentation has been there.
  if (trace.getSpanContext(active)) return run();
  const headers = headersOf(invocation);
  return context.with(propagation.extract(active, headers), run);
}

/** Runs what no invocation waits for: whoever answers it begins a trace of its own. */
export function withoutTrace<T>(run: () => T): T {
  return isCarriedBySdk() ? context.with(ROOT_CONTEXT, run) : traces.run(undefined, run);
}

/** The headers that carry the trace to an upstream (W3C Trace Context); none outside of a trace, nor for one that is malformed. */
export function traceHeaders(): Readonly<Record<string, string>> {
  return isCarriedBySdk() ? {} : headersOf(traces.getStore());
}

/** W3C Trace Context, section 3.2: the one version that there is, with ids that are not all zeros. */
const traceParentPattern = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

function headersOf({ traceParent, traceState }: InvocationTrace = {}): Readonly<Record<string, string>> {
  if (traceParent === undefined || !traceParentPattern.test(traceParent)) return {};
  return isTraceState(traceState) ? { traceparent: traceParent, tracestate: traceState } : { traceparent: traceParent };
}

/** Section 3.3.1.5: 512 characters are to be carried on. Whatever is longer, or malformed, is left out as a whole. */
const longestTraceState = 512;
const mostMembers = 32;
/** Section 3.3.1.3: a key, `=` and a value of printable characters. */
const member =
  /^[ \t]*(?:[a-z0-9][a-z0-9_\-*/]{0,255}|[a-z0-9][a-z0-9_\-*/]{0,240}@[a-z][a-z0-9_\-*/]{0,13})=[ -+\--<>-~]{0,255}[!-+\--<>-~][ \t]*$/;

function isTraceState(value: string | undefined): value is string {
  if (value === undefined || value === '' || value.length > longestTraceState) return false;
  const members = value.split(',');
  return members.length <= mostMembers && members.every((each) => member.test(each));
}
