import { randomUUID } from 'node:crypto';
import type { Core } from './core.ts';
import type { IndexedFunction } from './indexing.ts';
import { describeError } from './log.ts';
import type {
  CoreInvocationContext,
  HttpRequestData,
  InputValue,
  InvocationResponse,
  ProgrammingModel,
  TraceContext,
} from './rpc.ts';

/** Runs one function once. Rejects with what the handler, a hook or the conversion of the result throws, after logging it. */
export type Invoke = (target: IndexedFunction, input: InputValue) => Promise<InvocationResponse>;

const noTriggerMetadata = {};

/**
 * Invocations as Microsoft's worker makes them: arguments, pre hooks, handler, post hooks, response.
 *
 * @param logsRuns - whether those that succeed leave a line, too
 */
export function createInvoke(core: Core, model: ProgrammingModel, logsRuns: boolean): Invoke {
  return async (target, input) => {
    const invocationId = randomUUID();
    try {
      const response = await run(core, model, target, startInvocation(core, target, invocationId, input));
      if (logsRuns) core.log('information', 'system', { source: target.name }, `invocation ${invocationId} succeeded`);
      return response;
    } catch (error) {
      core.log(
        'error',
        'system',
        { source: target.name },
        `invocation ${invocationId} failed: ${describeError(error)}`,
      );
      throw error;
    }
  };
}

type Invocation = {
  coreContext: CoreInvocationContext;
  origin: { source: string; invocationContext: unknown; hookData: object };
};

function startInvocation(core: Core, target: IndexedFunction, invocationId: string, input: InputValue): Invocation {
  const origin = { source: target.name, invocationContext: undefined, hookData: {} };
  const coreContext: CoreInvocationContext = {
    invocationId,
    request: {
      invocationId,
      functionId: target.functionId,
      inputData: [{ name: target.triggerName, data: input }],
      triggerMetadata: noTriggerMetadata,
      traceContext: readTraceContext(invocationId, 'http' in input ? input.http : undefined),
    },
    metadata: target.metadata,
    state: undefined,
    log: (level, category, message) => core.log(level, category, origin, message),
  };
  return { coreContext, origin };
}

async function run(
  core: Core,
  model: ProgrammingModel,
  target: IndexedFunction,
  { coreContext, origin }: Invocation,
): Promise<InvocationResponse> {
  const invocation = await model.getInvocationModel(coreContext);
  const { context, inputs } = await invocation.getArguments();
  origin.invocationContext = context;
  const shared = { hookData: origin.hookData, appHookData: core.appHookData, invocationContext: context };

  const before = { ...shared, functionCallback: target.callback, inputs };
  coreContext.state = 'preInvocationHooks';
  if (core.hasHooks('preInvocation')) await core.runHooks('preInvocation', before);

  const after: { inputs: unknown[]; result: unknown; error: unknown } = {
    ...shared,
    inputs: before.inputs,
    result: null,
    error: null,
  };
  coreContext.state = 'invocation';
  try {
    after.result = await invocation.invokeFunction(context, before.inputs, before.functionCallback);
  } catch (error) {
    after.error = error;
  }

  coreContext.state = 'postInvocationHooks';
  if (core.hasHooks('postInvocation')) await core.runHooks('postInvocation', after);
  coreContext.state = undefined;

  // A hook may clear the error, or set one.
  if (after.error !== null && after.error !== undefined) throw after.error;
  return invocation.getResponse(context, after.result);
}

const traceParent = /^00-([0-9a-f]{32})-[0-9a-f]{16}-([0-9a-f]{2})$/;

/** W3C Trace Context: goes on with the request's trace, or begins one named after the invocation. */
function readTraceContext(invocationId: string, request: HttpRequestData | undefined): TraceContext {
  const own = invocationId.replaceAll('-', '');
  const incoming = request?.headers['traceparent'];
  const [, traceId = own, flags = '00'] = (incoming !== undefined && traceParent.exec(incoming)) || [];
  const context: TraceContext = { traceParent: `00-${traceId}-${own.slice(0, 16)}-${flags}`, attributes: {} };
  const state = request?.headers['tracestate'];
  if (state !== undefined) context.traceState = state;
  return context;
}
