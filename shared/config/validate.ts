import type { AccessLevel, ApiName, CallerName, ClientName, Guid, SecretName, SubscriptionName } from '../names.ts';
import type {
  ApiConfig,
  AuthorityConfig,
  BrokerConfig,
  CallerConfig,
  ClientConfig,
  Config,
  CredentialConfig,
  RotationConfig,
  SubscriptionConfig,
} from './config.ts';
import { shortestDrain } from './drain.ts';
import { parseDuration } from './duration.ts';
import { toProblems } from './issues.ts';
import { parseJson } from './parse.ts';
import { ConfigError, type ConfigProblem } from './problem.ts';
import { checkReferences } from './references.ts';
import { configSchema, type ConfigFile } from './schema.ts';
import { withoutTrailingSlash } from './url.ts';
import { parseWindow } from './windows.ts';

/**
 * Turns the text of a configuration file into the frozen `Config`.
 *
 * @param source how the file is called in an error.
 * @throws {ConfigError} with every problem at once.
 */
export function validateConfig(text: string, source: string): Config {
  const { value, problems } = parseJson(text);
  if (value === undefined) throw new ConfigError(source, orEmpty(problems));
  const parsed = configSchema.safeParse(value);
  const found = [...problems, ...toProblems(parsed.error?.issues ?? [], value), ...checkReferences(value)];
  if (!parsed.success || found.length > 0) throw new ConfigError(source, found);
  return deepFreeze(toConfig(parsed.data));
}

function orEmpty(problems: readonly ConfigProblem[]): readonly ConfigProblem[] {
  if (problems.length > 0) return problems;
  return [{ path: 'the file', problem: 'is empty', remedy: 'Start from broker.config.sample.json.' }];
}

function toConfig(file: ConfigFile): Config {
  const broker = toBroker(file.broker);
  const { rateLimit } = file.broker;
  return {
    broker,
    apis: Object.entries(file.apis).map(toApi),
    subscriptions: Object.entries(file.subscriptions).map((entry) => toSubscription(entry, shortestDrain(file).ms)),
    clients: Object.entries(file.clients).map(toClient),
    callers: Object.entries(file.callers).map(([name, caller]) =>
      toCaller(name, caller, caller.rateLimit ?? rateLimit),
    ),
  };
}

function toBroker({ rotationTerms, ...broker }: ConfigFile['broker']): BrokerConfig {
  return {
    tenantId: toGuid(broker.tenantId),
    audience: toGuid(broker.audience),
    headerLifetimeMs: toMs(broker.headerLifetime),
    requestTimeoutMs: toMs(broker.requestTimeout),
    upstreamTimeoutMs: toMs(broker.upstreamTimeout),
    fingerprintKey: broker.fingerprintKey as SecretName,
    maximumInstances: broker.maximumInstances,
    audit: broker.audit,
    rotationTerms: {
      visibilityMs: toMs(rotationTerms.visibility),
      readAgeMs: toMs(rotationTerms.readAge),
      skewMs: toMs(rotationTerms.clockSkew),
      flightMs: toMs(rotationTerms.flight),
    },
  };
}

type FileMember<Group extends 'apis' | 'subscriptions' | 'clients' | 'callers'> = ConfigFile[Group][string];

function toApi([name, api]: [string, FileMember<'apis'>]): ApiConfig {
  return {
    name: name as ApiName,
    baseUrl: withoutTrailingSlash(api.baseUrl),
    subscription: api.subscription as SubscriptionName,
    call: api.call,
    oauth: api.oauth && {
      client: api.oauth.client as ClientName,
      scope: api.oauth.scope,
      accessLevels: api.oauth.accessLevels as readonly string[] as readonly AccessLevel[],
    },
  };
}

function toSubscription(
  [name, { secret, authority, probe, rotation }]: [string, FileMember<'subscriptions'>],
  shortestDrainMs: number,
): SubscriptionConfig {
  return {
    name: name as SubscriptionName,
    secret: (secret ?? name) as SecretName,
    authority: authority && toAuthority(authority),
    probe: probe && { url: probe.url, gateways: probe.gateways.map(withoutTrailingSlash) },
    rotation: rotation && toRotation(rotation, shortestDrainMs),
  };
}

function toAuthority(authority: NonNullable<FileMember<'subscriptions'>['authority']>): AuthorityConfig {
  if (authority.kind !== 'developer-portal') return authority;
  return { ...authority, url: withoutTrailingSlash(authority.url), password: authority.password as SecretName };
}

function toRotation(
  { every, settle, promise, drain, windows = [], paused }: NonNullable<FileMember<'subscriptions'>['rotation']>,
  shortestDrainMs: number,
): RotationConfig {
  return {
    everyMs: toMs(every),
    settleMs: toMs(settle),
    promiseMs: toMs(promise),
    drainMs: drain === undefined ? shortestDrainMs : toMs(drain),
    windows: windows.map(parseWindow).filter((window) => window !== undefined),
    paused,
  };
}

function toClient([name, client]: [string, FileMember<'clients'>]): ClientConfig {
  return {
    name: name as ClientName,
    tenantId: toGuid(client.tenantId),
    clientId: toGuid(client.clientId),
    credential: toCredential(client.credential),
  };
}

/** One of the three is there: `checkReferences` has seen to it. */
function toCredential({ secret, certificate }: FileMember<'clients'>['credential']): CredentialConfig {
  if (secret !== undefined) return { kind: 'secret', secret: secret as SecretName };
  if (certificate !== undefined) return { kind: 'certificate', secret: certificate as SecretName };
  return { kind: 'federated' };
}

function toCaller(name: string, caller: FileMember<'callers'>, rateLimit: CallerConfig['rateLimit']): CallerConfig {
  return {
    name: name as CallerName,
    clientId: toGuid(caller.clientId),
    objectId: toGuid(caller.objectId),
    apis: caller.apis as readonly string[] as readonly ApiName[],
    headers: caller.headers,
    call: caller.call,
    rateLimit,
  };
}

function toGuid(text: string): Guid {
  return text.toLowerCase() as Guid;
}

function toMs(duration: string): number {
  return parseDuration(duration) ?? 0;
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
}
