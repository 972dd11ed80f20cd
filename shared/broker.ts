import type { InvocationContext } from '@azure/functions';
import { buildAuditRoute, buildTrails } from './broker-audit.ts';
import { buildCall } from './broker-call.ts';
import { buildCallers } from './broker-callers.ts';
import { buildCredentials } from './broker-credentials.ts';
import { buildDoctorHandler } from './broker-doctor.ts';
import { buildLiveBroker } from './broker-live.ts';
import { buildOperations } from './broker-operations.ts';
import { buildRejections } from './broker-rejections.ts';
import { buildRotations } from './broker-rotation.ts';
import { buildSidecar } from './broker-sidecar.ts';
import { buildWorker, type Outside, type Worker } from './broker-worker.ts';
import { createCallPlaces } from './call/places.ts';
import { systemClock, type Clock } from './clock.ts';
import type { ApiConfig, Config } from './config/config.ts';
import { withholdEnvironment } from './config/diagnostic-report.ts';
import { loadStart, type Loaded, type Remote } from './config/load.ts';
import { ConfigError } from './config/problem.ts';
import { scopeOf } from './config/scope.ts';
import type { Requirement } from './credentials/header-set.ts';
import { withDeadline } from './deadline.ts';
import { BrokerError } from './errors.ts';
import { createApisRoute } from './http/apis.ts';
import { createAudited } from './http/audited.ts';
import { createDashboardAssetRoute, createDashboardRoute } from './http/dashboard.ts';
import type { Offer } from './http/asked.ts';
import { createHeadersRoute } from './http/headers.ts';
import { createReadyRoute, healthRoute } from './http/health.ts';
import { allMethods } from './http/methods.ts';
import { createOpenApiRoute } from './http/openapi.ts';
import { chooseProblemType } from './http/problem-type.ts';
import { createProblemsRoute } from './http/problems-page.ts';
import { createRejectionsRoute } from './http/rejections.ts';
import { createSetIds } from './http/set-id.ts';
import { serve, type HttpHandler, type Route, type ServeOptions } from './http/serve.ts';
import { toTimestamp } from './names.ts';
import { createSupply, type Supply } from './supply.ts';
import { createLog, type Log, type Sink } from './telemetry/log.ts';
import { describeError } from './telemetry/redaction.ts';
import { reportUncaught } from './telemetry/uncaught.ts';
import { withTrace } from './trace-context.ts';

/** What the triggers call. */
export type Broker = {
  readonly headers: HttpHandler;
  readonly rejections: HttpHandler;
  readonly apis: HttpHandler;
  readonly call: HttpHandler;
  readonly authorizationHeader: HttpHandler;
  readonly validate: HttpHandler;
  readonly status: HttpHandler;
  readonly rotation: HttpHandler;
  readonly steering: HttpHandler;
  readonly audit: HttpHandler;
  readonly doctor: HttpHandler;
  readonly healthz: HttpHandler;
  readonly readyz: HttpHandler;
  readonly problems: HttpHandler;
  readonly openapi: HttpHandler;
  readonly dashboard: HttpHandler;
  readonly dashboardAssets: HttpHandler;
  readonly notFound: HttpHandler;
  readonly warmUp: (context: InvocationContext) => Promise<void>;
  readonly rotate: (context: InvocationContext) => Promise<void>;
};

const get = ['GET'];
const post = ['POST'];
const getOrHead = ['GET', 'HEAD'];
const getOrPost = ['GET', 'POST'];
/** What a broker that is not configured gives itself to say so. */
const unconfiguredTimeoutMs = 5_000;

let current: Broker | undefined;

/** The broker of this worker, built at the first call. A configuration that is not valid is told in full, once, on the log. */
export function broker(): Broker {
  current ??= start(stampedConsole(systemClock), systemClock);
  return current;
}

/**
 * What no invocation logs. The host grades each line of a worker's output by the words in it, and says nothing of when. What is JSON stays JSON: alerts
 * read the whole line.
 */
function stampedConsole(clock: Clock): Sink {
  const stamp = (level: string, line: string) => {
    const at = toTimestamp(clock.wall());
    return line.startsWith('{') ? `{"at":"${at}","level":"${level}",${line.slice(1)}` : `${at} ${level} ${line}`;
  };
  return {
    info: (line) => console.info(stamp('information', line)),
    warn: (line) => console.warn(stamp('warning', line)),
    error: (line) => console.error(stamp('error', line)),
  };
}

function start(sink: Sink, clock: Clock): Broker {
  reportUncaught(createLog(sink));
  withholdEnvironment();
  try {
    return createBroker(loadStart(), { clock, sink });
  } catch (error) {
    reportStart(error, sink);
    return createUnconfiguredBroker(clock);
  }
}

function reportStart(error: unknown, sink: Sink): void {
  if (!(error instanceof ConfigError)) return createLog(sink).error('unexpected-error', describeError(error));
  for (const line of error.message.split('\n')) sink.error(line);
}

/** Builds everything from what is told from outside: nothing else constructs. */
export function createBroker(told: Loaded | Remote, outside: Outside): Broker {
  return 'config' in told ? createFileBroker(told, outside) : createBlobBroker(told, outside);
}

function createFileBroker({ settings, config, version }: Loaded, outside: Outside): Broker {
  const loadedOn = toTimestamp(outside.clock.wall());
  const configuration = { source: 'file', version, loadedOn, lastFailure: null, problems: [] } as const;
  return buildBrokers(buildWorker(settings, outside, () => configuration))(config);
}

function createBlobBroker(remote: Remote, outside: Outside): Broker {
  const options = { clock: outside.clock, requestTimeoutMs: unconfiguredTimeoutMs };
  return buildLiveBroker(remote, outside, {
    ...options,
    buildBrokers,
    publicHandlers: createPublicHandlers(options),
  });
}

/** Makes the broker of one configuration after another. What both say the same of is carried over, with all that it has cached. */
function buildBrokers(worker: Worker): (config: Config) => Broker {
  const { clock } = worker;
  const trailOf = buildTrails(worker);
  const credentialsOf = buildCredentials(worker);
  const rejectionsOf = buildRejections(worker);
  const callersOf = buildCallers(worker);
  const rotationOf = buildRotations(worker);
  const operationsOf = buildOperations(worker);
  const places = createCallPlaces();

  return (config) => {
    const trail = trailOf(config);
    const credentials = credentialsOf(config);
    const { fingerprints, headerSets } = credentials;
    const callers = callersOf(config);
    const { signingKeys, policy, authenticate } = callers;
    const offers = new Map<string, Offer>(config.apis.map((api) => [api.name, toOffer(api)]));
    const supply = createSupply(
      signingKeys,
      headerSets,
      Array.from(offers.values(), ({ plain }) => plain),
    );
    const setIds = createSetIds(fingerprints);
    const options = { clock, requestTimeoutMs: config.broker.requestTimeoutMs };
    const rotation = rotationOf(config, fingerprints);
    const headers = createHeadersRoute({ clock, authenticate, policy, offers, headerSets, setIds });
    const secondChance = rejectionsOf(config, credentials, rotation);
    const rejections = createRejectionsRoute({
      clock,
      authenticate,
      policy,
      offers,
      rejections: secondChance,
      setIds,
    });
    const call = buildCall(config, { ...callers, trail, offers, headerSets, rejections: secondChance, places });
    const sidecar = buildSidecar({ ...callers, trail, offers, headerSets, rejections: secondChance });
    const ofSidecar = { ...options, problemType: chooseProblemType };
    const apis = createApisRoute({ authenticate, offers: Array.from(offers.values()) });
    const operations = operationsOf(config, { ...callers, trail, credentials, offers, rotation });
    worker.terms.current = config.broker;
    return {
      ...createPublicHandlers(options),
      headers: serve(options, get, createAudited(trail, 'headers.hand-out', headers)),
      rejections: serve(options, post, createAudited(trail, 'headers.reject', rejections)),
      apis: serve(options, get, createAudited(trail, 'apis.list', apis)),
      call: serve({ ...options, overdue: 'call-overdue' }, allMethods, call),
      authorizationHeader: serve(ofSidecar, getOrPost, sidecar.authorizationHeader),
      validate: serve(ofSidecar, get, sidecar.validate),
      status: serve(options, get, operations.status),
      rotation: serve(options, get, operations.rotation),
      steering: serve(options, post, operations.steering),
      dashboard: serve(
        options,
        getOrHead,
        createDashboardRoute({ authenticate: operations.authenticateOperator }, worker.settings),
      ),
      audit: serve(options, get, buildAuditRoute(trail, config, operations.authenticateOperator)),
      doctor: buildDoctorHandler({ settings: worker.settings, config }, trail, operations.authenticateOperator),
      readyz: serve(
        options,
        getOrHead,
        createReadyRoute((signal) => supply.isReady(signal)),
      ),
      warmUp: (context) => withTrace(context.traceContext, () => warmUp(supply, options, createLog(context))),
      rotate: (context) => withTrace(context.traceContext, () => rotation.tick(createLog(context))),
    };
  };
}

async function warmUp(supply: Supply, { clock, requestTimeoutMs }: ServeOptions, log: Log): Promise<void> {
  try {
    const failures = await withDeadline(clock, requestTimeoutMs, 'deadline', (signal) => supply.warm(signal));
    log.info('warmed-up', { failures });
  } catch (error) {
    log.warn('warm-up-unfinished', describeError(error));
  }
}

/** What needs no configuration, and tells of none. */
function createPublicHandlers(options: ServeOptions) {
  return {
    healthz: serve(options, getOrHead, healthRoute),
    problems: serve(options, getOrHead, createProblemsRoute()),
    openapi: serve(options, getOrHead, createOpenApiRoute()),
    dashboardAssets: serve(options, getOrHead, createDashboardAssetRoute()),
    notFound: serve(options, allMethods, () => Promise.reject(new BrokerError('route-unknown'))),
  };
}

/** A broker that answers, and hands out nothing: alive, not ready. */
function createUnconfiguredBroker(clock: Clock): Broker {
  const options = { clock, requestTimeoutMs: unconfiguredTimeoutMs };
  const ofSidecar = { ...options, problemType: chooseProblemType };
  const refuse: Route = () => Promise.reject(new BrokerError('misconfigured'));
  const ignore = async () => {};
  return {
    ...createPublicHandlers(options),
    headers: serve(options, get, refuse),
    rejections: serve(options, post, refuse),
    apis: serve(options, get, refuse),
    call: serve(options, allMethods, refuse),
    authorizationHeader: serve(ofSidecar, getOrPost, refuse),
    validate: serve(ofSidecar, get, refuse),
    status: serve(options, get, refuse),
    rotation: serve(options, get, refuse),
    steering: serve(options, post, refuse),
    audit: serve(options, get, refuse),
    doctor: serve(options, post, refuse),
    dashboard: serve(options, getOrHead, refuse),
    readyz: serve(options, getOrHead, refuse),
    warmUp: ignore,
    rotate: ignore,
  };
}

function toOffer({ name, baseUrl, subscription, oauth }: ApiConfig): Offer {
  const levels = new Map<string, Requirement>();
  for (const level of oauth?.accessLevels ?? []) {
    levels.set(level, {
      subscription,
      token: oauth && { client: oauth.client, scope: scopeOf(oauth, level) },
    });
  }
  const [first] = levels.values();
  return { api: name, baseUrl, levels, plain: first ?? { subscription } };
}
