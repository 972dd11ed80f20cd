import type { Log } from './log.ts';
import type { FunctionCallback, FunctionMetadata, LogCategory, LogLevel, ProgrammingModel } from './rpc.ts';

type HookName = 'preInvocation' | 'postInvocation' | 'appStart' | 'appTerminate' | 'log';
type HookCallback = (context: object) => unknown;
type Disposable = { dispose(): void };

export type Registration = { metadata: FunctionMetadata; callback: FunctionCallback };

/** The module that the app gets for `require('@azure/functions-core')`. */
export type CoreModule = {
  version: string;
  hostVersion: string;
  setProgrammingModel(model: ProgrammingModel): void;
  getProgrammingModel(): ProgrammingModel | undefined;
  registerFunction(metadata: FunctionMetadata, callback: FunctionCallback): Disposable;
  registerHook(name: string, callback: HookCallback): Disposable;
  log(level: LogLevel, category: LogCategory, message: string): void;
};

/** What a log hook learns about the invocation that the line belongs to. */
type LogOrigin = { source: string; invocationContext?: unknown; hookData?: object };

export type Core = {
  module: CoreModule;
  /** Shared by all hooks of the app. */
  appHookData: object;
  functions(): Registration[];
  programmingModel(): ProgrammingModel | undefined;
  hasHooks(name: HookName): boolean;
  /** Calls the hooks one after another, in the order of their registration; rejects with what the first failing one throws. */
  runHooks(name: HookName, context: object): Promise<void>;
  /** Logs, after the log hooks. Hooks may change level and message of the app's own lines only, as in Microsoft's worker. */
  log(level: LogLevel, category: LogCategory, origin: LogOrigin, message: string): void;
  /** From here on nothing can be registered. */
  lock(): void;
};

/** The host's side of `@azure/functions-core`: what the app registers, and the hooks. */
export function createCore(log: Log): Core {
  const functions = new Map<string, Registration>();
  const hooks: Record<HookName, HookCallback[]> = {
    preInvocation: [],
    postInvocation: [],
    appStart: [],
    appTerminate: [],
    log: [],
  };
  const appHookData = {};
  let model: ProgrammingModel | undefined;
  let locked = false;

  const assertOpen = (what: string): void => {
    if (locked) throw new Error(`${what} only while the app starts.`);
  };

  const registerFunction = (metadata: FunctionMetadata, callback: FunctionCallback): Disposable => {
    assertOpen('A function can be registered');
    const key = metadata.name.toLowerCase();
    if (functions.has(key))
      throw new Error(`There are two functions named "${metadata.name}". Rename one: names ignore case.`);
    functions.set(key, { metadata, callback });
    return {
      dispose() {
        assertOpen('A function can be disposed of');
        functions.delete(key);
      },
    };
  };

  const registerHook = (name: string, callback: HookCallback): Disposable => {
    if (!isHookName(name))
      throw Object.assign(new RangeError(`There is no hook named "${name}".`), { isAzureFunctionsSystemError: true });
    hooks[name] = [...hooks[name], callback];
    return { dispose: () => void (hooks[name] = hooks[name].filter((other) => other !== callback)) };
  };

  const logWithHooks: Core['log'] = (level, category, origin, message) => {
    const changed = runLogHooks(hooks.log, { level, category, message, appHookData, hookData: {}, ...origin });
    if (category === 'user') log(changed.level, category, origin.source, changed.message);
    else log(level, category, origin.source, message);
  };

  return {
    module: {
      version: '3.0.0',
      hostVersion: '4.0.0',
      setProgrammingModel: (next) => {
        assertOpen('The programming model can be set');
        model = next;
      },
      getProgrammingModel: () => model,
      registerFunction,
      registerHook,
      log: (level, category, message) => logWithHooks(level, category, { source: 'app' }, message),
    },
    appHookData,
    functions: () => [...functions.values()],
    programmingModel: () => model,
    hasHooks: (name) => hooks[name].length > 0,
    runHooks: async (name, context) => {
      // oxlint-disable-next-line no-await-in-loop -- one after another is the contract
      for (const callback of hooks[name]) await callback(context);
    },
    log: logWithHooks,
    lock: () => void (locked = true),
  };
}

function isHookName(name: string): name is HookName {
  return ['preInvocation', 'postInvocation', 'appStart', 'appTerminate', 'log'].includes(name);
}

function runLogHooks<T extends object>(callbacks: HookCallback[], context: T): T {
  try {
    for (const callback of callbacks) callback(context);
  } catch {
    // As in Microsoft's worker: a failing log hook cannot keep a line from being written.
  }
  return context;
}
