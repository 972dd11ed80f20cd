import type { InvocationContext } from '@azure/functions';
import { createTokenIssuer } from './azure/entra.ts';
import { buildTick, buildVault, reportTo, type Report, type Vault } from './broker-rotation.ts';
import { createSigningKeySource } from './azure/signing-keys.ts';
import { createPolicy } from './callers/policy.ts';
import { createRateLimiter } from './callers/rate.ts';
import { createSigningKeys } from './callers/signing-keys.ts';
import { createTokenVerifier } from './callers/verify.ts';
import { systemClock, type Clock } from './clock.ts';
import type { ApiConfig, Config, OAuthConfig } from './config/config.ts';
import { loadConfig, type Loaded } from './config/load.ts';
import { ConfigError } from './config/problem.ts';
import { createHeaderSets, type HeaderSets, type Requirement } from './credentials/header-set.ts';
import { createKeys } from './credentials/keys.ts';
import { createTokens, type ClientScopes } from './credentials/tokens.ts';
import { withDeadline } from './deadline.ts';
import { BrokerError } from './errors.ts';
import { createApisRoute } from './http/apis.ts';
import { createAudited } from './http/audited.ts';
import { createAuthenticate } from './http/authenticate.ts';
import { createReadyRoute, healthRoute } from './http/health.ts';
import { createHeadersRoute, type Offer } from './http/headers.ts';
import { allMethods } from './http/methods.ts';
import { createOpenApiRoute } from './http/openapi.ts';
import { createProblemsRoute } from './http/problems-page.ts';
import { serve, type HttpHandler, type Route, type ServeOptions } from './http/serve.ts';
import { toTimestamp, type AccessLevel, type ScopeName } from './names.ts';
import { createSupply, type Supply } from './supply.ts';
import { createLogAudit } from './telemetry/audit.ts';
import { createLog, type Log, type Sink } from './telemetry/log.ts';
import { describeError } from './telemetry/redaction.ts';

export { allMethods };

/** What the triggers call. */
export type Broker = {
  readonly headers: HttpHandler;
  readonly apis: HttpHandler;
  readonly healthz: HttpHandler;
  readonly readyz: HttpHandler;
  readonly problems: HttpHandler;
  readonly openapi: HttpHandler;
  readonly notFound: HttpHandler;
  readonly warmUp: (context: InvocationContext) => Promise<void>;
  readonly rotate: (context: InvocationContext) => Promise<void>;
};

const get = ['GET'];
const getOrHead = ['GET', 'HEAD'];
/** What a broker that is not configured gives itself to say so. */
const unconfiguredTimeoutMs = 5_000;

let current: Broker | undefined;

/** The broker of this worker, built at the first call. A configuration that is not valid is told in full, once, on the log. */
export function broker(): Broker {
  current ??= start(stampedConsole(systemClock), systemClock);
  return current;
}

/** What no invocation logs. The host grades each line of a worker's output by the words in it, and says nothing of when. */
function stampedConsole(clock: Clock): Sink {
  const stamp = (level: string, line: string) => `${toTimestamp(clock.wall())} ${level} ${line}`;
  return {
    info: (line) => console.info(stamp('information', line)),
    warn: (line) => console.warn(stamp('warning', line)),
    error: (line) => console.error(stamp('error', line)),
  };
}

function start(sink: Sink, clock: Clock): Broker {
  try {
    return createBroker(loadConfig(), { clock, sink });
  } catch (error) {
    reportStart(error, sink);
    return createUnconfiguredBroker(clock);
  }
}

function reportStart(error: unknown, sink: Sink): void {
  if (!(error instanceof ConfigError)) return createLog(sink).error('unexpected-error', describeError(error));
  for (const line of error.message.split('\n')) sink.error(line);
}

type Outside = { clock: Clock; sink: Sink };

/** Builds everything from what is told from outside: nothing else constructs. */
export function createBroker(loaded: Loaded, { clock, sink }: Outside): Broker {
  const { config } = loaded;
  const log = createLog(sink);
  const report = reportTo(log);
  const vault = buildVault(loaded, clock, report);
  const headerSets = buildHeaderSets(loaded, clock, vault, log);
  const { signingKeys, policy, authenticate } = buildCallers(loaded, clock, report);
  const offers = new Map<string, Offer>(config.apis.map((api) => [api.name, toOffer(api)]));
  const supply = createSupply(
    signingKeys,
    headerSets,
    Array.from(offers.values(), ({ plain }) => plain),
  );
  const options = { clock, requestTimeoutMs: config.broker.requestTimeoutMs };
  const trail = { clock, audit: createLogAudit() };
  const headers = createHeadersRoute({ clock, authenticate, policy, offers, headerSets });
  const apis = createApisRoute({ authenticate, offers: Array.from(offers.values()) });
  const tick = buildTick(loaded, clock, vault, report);
  return {
    ...createPublicHandlers(options),
    headers: serve(options, get, createAudited(trail, 'headers.hand-out', headers)),
    apis: serve(options, get, createAudited(trail, 'apis.list', apis)),
    readyz: serve(
      options,
      getOrHead,
      createReadyRoute((signal) => supply.isReady(signal)),
    ),
    warmUp: (context) => warmUp(supply, options, createLog(context)),
    rotate: (context) => tick(createLog(context)),
  };
}

function buildHeaderSets({ config, settings }: Loaded, clock: Clock, vault: Vault, log: Log): HeaderSets {
  const report = reportTo(log);
  const { upstreamTimeoutMs, headerLifetimeMs, rotationTerms } = config.broker;
  const { store, publisherOf, fingerprints } = vault;
  const issuer = createTokenIssuer(clock, settings);
  const keys = createKeys(
    { clock, store: { read: (name, signal) => publisherOf(name).read(signal) }, fingerprints },
    {
      sources: new Map(
        config.subscriptions.map(({ name, secret, rotation }) => [
          name,
          { secretName: secret, isRotated: rotation !== undefined },
        ]),
      ),
      headerLifetimeMs,
      readAgeMs: rotationTerms.readAgeMs,
      skewMs: rotationTerms.skewMs,
      upstreamTimeoutMs,
      onFailure: (subscription, error) => report('key', subscription)(error),
    },
  );
  const tokens = createTokens(
    { clock, store, issuer, fingerprints },
    {
      clients: toClientScopes(config),
      upstreamTimeoutMs,
      onFailure: (kind, client, scope, error) => report(kind, client, scope)(error),
      onExpiring: (client, daysLeft) => log.warn('client-secret-expires', { client, daysLeft }),
    },
  );
  return createHeaderSets({ clock, keys, tokens }, { headerLifetimeMs });
}

function buildCallers({ config, settings }: Loaded, clock: Clock, report: Report) {
  const { tenantId, audience, upstreamTimeoutMs } = config.broker;
  const { authorityHost } = settings;
  const issuer = `${authorityHost}/${tenantId}/v2.0`;
  const signingKeys = createSigningKeys(
    { clock, source: createSigningKeySource(clock, { authorityHost, tenantId }) },
    { issuer: { issuer, tenantId }, upstreamTimeoutMs, onFailure: report('signing-keys') },
  );
  const verifier = createTokenVerifier({ clock, keys: signingKeys }, { issuer, tenantId, audience });
  const policy = createPolicy(
    config.callers.map((caller) => ({ ...caller, apis: new Set(caller.apis) })),
    new Set(config.apis.map(({ name }) => name)),
  );
  const limiter = createRateLimiter(clock, new Map(config.callers.map(({ name, rateLimit }) => [name, rateLimit])));
  return { signingKeys, policy, authenticate: createAuthenticate({ verifier, policy, limiter }) };
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
    notFound: serve(options, allMethods, () => Promise.reject(new BrokerError('route-unknown'))),
  };
}

/** A broker that answers, and hands out nothing: alive, not ready. */
function createUnconfiguredBroker(clock: Clock): Broker {
  const options = { clock, requestTimeoutMs: unconfiguredTimeoutMs };
  const refuse: Route = () => Promise.reject(new BrokerError('misconfigured'));
  const ignore = async () => {};
  return {
    ...createPublicHandlers(options),
    headers: serve(options, get, refuse),
    apis: serve(options, get, refuse),
    readyz: serve(options, getOrHead, refuse),
    warmUp: ignore,
    rotate: ignore,
  };
}

function toClientScopes({ clients, apis }: Config): ClientScopes[] {
  return clients.map(({ secret, ...client }) => {
    const own = apis.flatMap(({ oauth }) => (oauth?.client === client.name ? [oauth] : []));
    const scopes = own.flatMap((oauth) => oauth.accessLevels.map((level) => scopeOf(oauth, level)));
    return { ...client, secretName: secret, scopes: new Set(scopes) };
  });
}

function scopeOf({ scope }: OAuthConfig, level: AccessLevel): ScopeName {
  return `${scope}/${level}` as ScopeName;
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
