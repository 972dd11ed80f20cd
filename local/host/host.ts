import { systemClock } from '../../shared/clock.ts';
import { createAdmin, toInputValue, type FireFunction } from './admin.ts';
import { createCore, type Core } from './core.ts';
import { createDispatch } from './dispatch.ts';
import { routeFunctions } from './http-functions.ts';
import { createInFlight, type InFlight } from './in-flight.ts';
import { indexFunction, type IndexedFunction } from './indexing.ts';
import { createInvoke, type Invoke } from './invoke.ts';
import { loadApp, provideCore, readApp, type App } from './load.ts';
import { describeError, type Log } from './log.ts';
import type { HostOptions } from './options.ts';
import { people } from './people.ts';
import type { InputValue, ProgrammingModel } from './rpc.ts';
import { startServer } from './server.ts';
import { createSignIn } from './sign-in.ts';
import { StartError } from './start-error.ts';
import { createStop } from './stop.ts';
import { createTimers } from './timer-functions.ts';
import { openTimerState } from './timer-state.ts';
import type { Timer } from './timers.ts';

export type Host = {
  url: string;
  /** Stops accepting, waits for what is under way (4 s at most), runs the appTerminate hooks. Never rejects. */
  stop(): Promise<void>;
};

/** What Microsoft's worker tells the host that it can do; the library adds to it. */
const capabilities = {
  RawHttpBodyBytes: 'true',
  RpcHttpBodyOnly: 'true',
  TypedDataCollection: 'true',
  WorkerStatus: 'true',
};

async function startModel(core: Core): Promise<ProgrammingModel> {
  const model = core.programmingModel();
  if (!model || core.functions().length === 0) {
    throw new StartError(
      'The app registers no function. Let "main" in package.json load the files that call app.http, app.timer, …',
    );
  }
  const agreed = await model.getCapabilities?.({ ...capabilities });
  if (agreed?.['HttpUri'] !== undefined)
    throw new StartError('This host does not serve HTTP streams: leave enableHttpStream off.');
  return model;
}

async function startApp(app: App, core: Core): Promise<ProgrammingModel> {
  provideCore(core.module);
  await loadApp(app);
  await core
    .runHooks('appStart', { hookData: {}, appHookData: core.appHookData, functionAppDirectory: app.root })
    .catch((cause: unknown) => {
      throw new StartError(
        `An appStart hook of the app failed. Correct it and start again. It said:\n${describeError(cause)}`,
        { cause },
      );
    });
  const model = await startModel(core);
  core.lock();
  return model;
}

/** Runs a function that nobody waits for. The failure is in the log already. */
function createRunAlone(
  invoke: Invoke,
  inFlight: InFlight,
): (target: IndexedFunction, input: InputValue) => Promise<void> {
  return async (target, input) => {
    const end = inFlight.begin();
    await invoke(target, input).catch(() => undefined);
    end();
  };
}

function createFire(timers: Map<IndexedFunction, Timer>, runAlone: ReturnType<typeof createRunAlone>): FireFunction {
  return (target, input) => {
    const timer = timers.get(target);
    const isPastDue = typeof input === 'object' && input !== null && 'isPastDue' in input && input.isPastDue === true;
    void (timer ? timer.fire(isPastDue) : runAlone(target, toInputValue(input)));
  };
}

/** Starts the app and serves it. Throws a StartError where that cannot be done. */
export async function startHost(options: HostOptions, log: Log): Promise<Host> {
  const app = readApp(options.root);
  // As Microsoft's worker, so that relative paths in settings mean the same.
  process.chdir(app.root);
  if (options.signIn) process.env['WEBSITE_AUTH_ENABLED'] = 'True';
  const core = createCore(log);
  const model = await startApp(app, core);
  const functions = core.functions().map((registration) => indexFunction(registration, process.env));

  const inFlight = createInFlight();
  const invoke = createInvoke(core, model, options.verbose);
  const runAlone = createRunAlone(invoke, inFlight);
  const state = openTimerState(options.state, (message) => log('error', 'system', 'host', message));
  const timers = createTimers(functions, process.env, {
    clock: systemClock,
    state,
    run: (target, json) => runAlone(target, { json }),
  });
  const match = routeFunctions(functions, app.routePrefix, process.env);
  const admin = createAdmin(functions, createFire(timers, runAlone));

  const signIn = options.signIn ? createSignIn(people) : undefined;
  let stopping = false;
  const isStopping = (): boolean => stopping;
  const server = await startServer(
    options.port,
    createDispatch({ match, invoke, admin, signIn, key: options.key, inFlight, log, isStopping }),
  );
  for (const one of functions) if (one.kind === 'warmup' && !one.disabled) void runAlone(one, { json: '{}' });
  for (const timer of timers.values()) timer.start();

  const stop = createStop({ server, timers: [...timers.values()], inFlight, core, log });
  return { url: server.url, stop: () => ((stopping = true), stop()) };
}
