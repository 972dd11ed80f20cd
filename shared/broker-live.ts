import { createConfigBlob } from './azure/config-blob.ts';
import type { Broker } from './broker.ts';
import { buildWorker, type Outside, type Worker } from './broker-worker.ts';
import type { Config } from './config/config.ts';
import type { Remote } from './config/load.ts';
import type { ProblemLine } from './config/problem.ts';
import { createReload, type ReloadEvents } from './config/reload.ts';
import { withDeadline } from './deadline.ts';
import { BrokerError } from './errors.ts';
import { allMethods } from './http/methods.ts';
import { chooseProblemType } from './http/problem-type.ts';
import { serve, type HttpHandler, type ServeOptions } from './http/serve.ts';
import { createLog, type Log } from './telemetry/log.ts';
import { describeError } from './telemetry/redaction.ts';

/** What answers without a configuration, and tells of none. */
type PublicRoute = 'healthz' | 'problems' | 'openapi' | 'dashboardAssets' | 'notFound';
type ConfiguredRoute = Exclude<keyof Broker, PublicRoute | 'warmUp' | 'rotate'>;

type Options = ServeOptions & {
  buildBrokers: (worker: Worker) => (config: Config) => Broker;
  publicHandlers: Pick<Broker, PublicRoute>;
};

/**
 * The broker where the configuration is in a blob. It looks for a new one while it runs, and each request is answered by the broker of the one
 * that is in use when it arrives. Until there is one, requests wait for the look that is under way, and are refused if that brings none.
 */
export function buildLiveBroker(remote: Remote, outside: Outside, options: Options): Broker {
  const { clock } = outside;
  let current: Broker | undefined;
  const worker = buildWorker(remote.settings, outside, () => reload.state());
  const make = options.buildBrokers(worker);
  const reload = createReload({
    clock,
    source: createConfigBlob({ clock, credential: worker.vault.identity }, { url: remote.blobUrl }),
    validate: remote.validate,
    take: (config) => {
      current = make(config);
    },
    events: tellLog(worker.log),
  });
  reload.start();

  const configured = async (signal: AbortSignal): Promise<Broker> => {
    await reload.wake(signal);
    if (current) return current;
    const isRefused = reload.state().lastFailure?.reason === 'config-refused';
    throw new BrokerError(isRefused ? 'misconfigured' : 'not-ready');
  };

  const routeOf =
    (name: ConfiguredRoute, problemType?: ServeOptions['problemType']): HttpHandler =>
    async (request, context) => {
      if (current && reload.isAwake()) return current[name](request, context);
      const handler = serve(
        { ...options, ...(problemType && { problemType }) },
        allMethods,
        async (_exchange, signal) => {
          const broker = await configured(signal);
          return broker[name](request, context);
        },
      );
      return handler(request, context);
    };

  const rotate: Broker['rotate'] = async (context) => {
    // Another instance may go by a newer one, of which this one does not know whether its terms are longer.
    if ((await reload.confirm()) && current) return current.rotate(context);
    createLog(context).warn('rotation-failed', describeError(new BrokerError('config-unavailable')));
  };

  const warmUp: Broker['warmUp'] = async (context) => {
    try {
      const broker = await withDeadline(clock, options.requestTimeoutMs, 'deadline', configured);
      await broker.warmUp(context);
    } catch (error) {
      createLog(context).warn('warm-up-unfinished', describeError(error));
    }
  };

  return {
    ...options.publicHandlers,
    headers: routeOf('headers'),
    rejections: routeOf('rejections'),
    apis: routeOf('apis'),
    call: routeOf('call'),
    authorizationHeader: routeOf('authorizationHeader', chooseProblemType),
    validate: routeOf('validate', chooseProblemType),
    status: routeOf('status'),
    rotation: routeOf('rotation'),
    steering: routeOf('steering'),
    audit: routeOf('audit'),
    doctor: routeOf('doctor'),
    dashboard: routeOf('dashboard'),
    readyz: routeOf('readyz'),
    warmUp,
    rotate,
  };
}

/** How many problems a line of the log tells: Application Insights cuts one off after 32 KiB. */
const problemsInLine = 50;
/** How much of a problem: a name in the file may be of any length. */
const longestProblem = 500;

function tellLog(log: Log): ReloadEvents {
  return {
    taken: (version) => log.info('config-taken', { version }),
    refused: (problems) => {
      const told = problems.map((problem) => problem.slice(0, longestProblem) as ProblemLine);
      for (let from = 0; from < told.length; from += problemsInLine) {
        log.error('config-refused', { total: told.length, problems: told.slice(from, from + problemsInLine) });
      }
    },
    failed: (error) => {
      if (error instanceof BrokerError) log.warn('config-failed', describeError(error));
      else log.error('unexpected-error', describeError(error));
    },
  };
}
