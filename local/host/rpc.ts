/**
 * What passes between the host and `@azure/functions`, through the module `@azure/functions-core`. Declared here, as far as this host
 * uses it, because Microsoft ships that module inside the worker only.
 */

export type LogLevel = 'trace' | 'debug' | 'information' | 'warning' | 'error' | 'critical' | 'none';
export type LogCategory = 'user' | 'system' | 'customMetric';

/** One binding of a function. A trigger's own members (`route`, `methods`, `authLevel`, `schedule`, …) stand on it as well. */
export type Binding = { type: string; direction?: string; [member: string]: unknown };

export type FunctionCallback = (...inputs: unknown[]) => unknown;

/** What `app.http` and its siblings hand over; `bindings` is keyed by binding name. */
export type FunctionMetadata = { name: string; bindings: Record<string, Binding>; retryOptions?: unknown };

export type HttpRequestData = {
  method: string;
  url: string;
  headers: Record<string, string>;
  params: Record<string, string>;
  query: Record<string, string>;
  body?: { bytes: Uint8Array };
};

type Nullable<T> = { value?: T } | undefined;

export type HttpCookie = {
  name: string;
  value: string;
  domain?: Nullable<string>;
  path?: Nullable<string>;
  expires?: Nullable<{ seconds: number }>;
  secure?: Nullable<boolean>;
  httpOnly?: Nullable<boolean>;
  /** `none` means that the app did not say; `explicitNone` is `SameSite=None`. */
  sameSite?: 'none' | 'lax' | 'strict' | 'explicitNone';
  /** Seconds. */
  maxAge?: Nullable<number>;
};

export type HttpResponseData = {
  statusCode: string;
  headers: Record<string, string>;
  cookies: HttpCookie[];
  body?: { bytes?: Uint8Array; string?: string } | null;
};

export type InputValue = { string: string } | { json: string } | { http: HttpRequestData };

export type InvocationResponse = { returnValue?: { http?: HttpResponseData } | null };

export type TraceContext = { traceParent: string; traceState?: string; attributes: Record<string, string> };

export type CoreInvocationContext = {
  invocationId: string;
  request: {
    invocationId: string;
    functionId: string;
    inputData: { name: string; data: InputValue }[];
    triggerMetadata: Record<string, InputValue>;
    traceContext: TraceContext;
  };
  metadata: FunctionMetadata;
  state?: 'preInvocationHooks' | 'invocation' | 'postInvocationHooks' | undefined;
  log(level: LogLevel, category: LogCategory, message: string): void;
};

type InvocationModel = {
  getArguments(): Promise<{ context: unknown; inputs: unknown[] }>;
  invokeFunction(context: unknown, inputs: unknown[], callback: FunctionCallback): Promise<unknown>;
  getResponse(context: unknown, result: unknown): Promise<InvocationResponse>;
};

export type ProgrammingModel = {
  name: string;
  version: string;
  getInvocationModel(context: CoreInvocationContext): InvocationModel | Promise<InvocationModel>;
  getCapabilities?(capabilities: Record<string, string>): Promise<Record<string, string>>;
};
