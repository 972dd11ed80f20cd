import type { AccessLevel, ApiName, CallerName, ClientName, Guid, SecretName, SubscriptionName } from '../names.ts';
import type { ApiConfig, CallerConfig, ClientConfig, Config, SubscriptionConfig } from './config.ts';
import { parseDuration } from './duration.ts';
import { toProblems } from './issues.ts';
import { parseJson } from './parse.ts';
import { ConfigError, type ConfigProblem } from './problem.ts';
import { checkReferences } from './references.ts';
import { configSchema, type ConfigFile } from './schema.ts';
import { withoutTrailingSlash } from './url.ts';

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
  const { rateLimit, ...broker } = file.broker;
  return {
    broker: {
      tenantId: toGuid(broker.tenantId),
      audience: toGuid(broker.audience),
      headerLifetimeMs: toMs(broker.headerLifetime),
      requestTimeoutMs: toMs(broker.requestTimeout),
      upstreamTimeoutMs: toMs(broker.upstreamTimeout),
      fingerprintKey: broker.fingerprintKey as SecretName,
    },
    apis: Object.entries(file.apis).map(toApi),
    subscriptions: Object.entries(file.subscriptions).map(toSubscription),
    clients: Object.entries(file.clients).map(toClient),
    callers: Object.entries(file.callers).map(([name, caller]) =>
      toCaller(name, caller, caller.rateLimit ?? rateLimit),
    ),
  };
}

type FileMember<Group extends 'apis' | 'subscriptions' | 'clients' | 'callers'> = ConfigFile[Group][string];

function toApi([name, api]: [string, FileMember<'apis'>]): ApiConfig {
  return {
    name: name as ApiName,
    baseUrl: withoutTrailingSlash(api.baseUrl),
    subscription: api.subscription as SubscriptionName,
    oauth: api.oauth && {
      client: api.oauth.client as ClientName,
      scope: api.oauth.scope,
      accessLevels: api.oauth.accessLevels as readonly string[] as readonly AccessLevel[],
    },
  };
}

function toSubscription([name, { secret, authority, probe, rotation }]: [
  string,
  FileMember<'subscriptions'>,
]): SubscriptionConfig {
  return {
    name: name as SubscriptionName,
    secret: (secret ?? name) as SecretName,
    authority,
    probe: probe && { url: probe.url, gateways: probe.gateways.map(withoutTrailingSlash) },
    rotation: rotation && { everyMs: toMs(rotation.every), settleMs: toMs(rotation.settle) },
  };
}

function toClient([name, client]: [string, FileMember<'clients'>]): ClientConfig {
  return {
    name: name as ClientName,
    tenantId: toGuid(client.tenantId),
    clientId: toGuid(client.clientId),
    secret: client.credential.secret as SecretName,
  };
}

function toCaller(name: string, caller: FileMember<'callers'>, rateLimit: CallerConfig['rateLimit']): CallerConfig {
  return {
    name: name as CallerName,
    clientId: toGuid(caller.clientId),
    objectId: toGuid(caller.objectId),
    apis: caller.apis as readonly string[] as readonly ApiName[],
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
