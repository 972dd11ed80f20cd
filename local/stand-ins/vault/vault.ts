import { systemClock } from '../../../shared/clock.ts';
import type { Clock } from '../../../shared/clock.ts';
import type { StandInRequest, StandInResponse } from '../server.ts';
import type { Refusal } from '../steering.ts';
import { authenticate } from './authentication.ts';
import type { Gatekeeping } from './authentication.ts';
import { refusals } from './errors.ts';
import { isSecretName } from './input.ts';
import { operations } from './operations.ts';
import { addVersion, createSecrets } from './secrets.ts';
import type { Attributes, Secrets, Version } from './secrets.ts';
import { steerSecret } from './steering.ts';

/** What `createVault` takes. */
type VaultOptions = Gatekeeping & { clock?: Clock };

/** A version as people may see it: never its value. */
type ShownVersion = {
  version: string;
  enabled: boolean;
  created: string;
  updated: string;
  notBefore?: string;
  expires?: string;
  contentType?: string;
  tags: Readonly<Record<string, string>>;
};

/** A secret as people may see it, its newest version first. */
type ShownSecret = { name: string; deleted: boolean; readOnly: boolean; lag: string; versions: ShownVersion[] };

/** Azure Key Vault's secrets, soft delete included, and a hand that steers them. */
export type Vault = {
  handle(request: StandInRequest): Promise<StandInResponse>;
  /** Adds a version, as a write does. Throws a `TypeError` for a name that Key Vault does not take. */
  seed(name: string, value: string, attributes?: Partial<Attributes>): void;
  /** The body of `POST /vault/{secret}` of the control address. `undefined` when it was done. */
  steer(name: string, body: unknown): Refusal | undefined;
  /** As the last write left it, lag or not; `undefined` for what does not exist. */
  show(name: string): ShownSecret | undefined;
};

/** From newest to oldest; the SDK's own is among them. */
const apiVersions = ['2026-04-01', '2025-07-01', '7.6', '7.5', '7.4', '7.3', '7.2', '7.1', '7.0', '2016-10-01'];

/** An empty vault with role-based access. */
export function createVault(options: VaultOptions): Vault {
  const { clock = systemClock } = options;
  const secrets = createSecrets(clock);
  return {
    handle: (request) => answer(request, secrets, options, toSeconds(clock.wall())),
    seed: (name, value, attributes = {}) => {
      if (!isSecretName(name)) throw new TypeError('a secret’s name has 1 to 127 letters, digits and hyphens');
      const before = secrets.latest(name) ?? { name, versions: [] };
      secrets.write(name, addVersion(before, value, { enabled: true, ...attributes }, toSeconds(clock.wall())));
    },
    steer: (name, body) =>
      isSecretName(name)
        ? steerSecret(secrets, name, body, clock.wall())
        : { reason: 'a secret’s name has 1 to 127 letters, digits and hyphens' },
    show: (name) => show(secrets, name),
  };
}

async function answer(
  request: StandInRequest,
  secrets: Secrets,
  gatekeeping: Gatekeeping,
  now: number,
): Promise<StandInResponse> {
  const { method, url } = request;
  const { shape, name, version } = parsePath(url.pathname);
  const operation = operations[`${method} ${shape}`];
  const refused = await authenticate(request, operation?.permission ?? 'readMetadata/action', gatekeeping);
  if (refused) return refused;
  const apiVersion = url.searchParams.get('api-version');
  if (apiVersion === null || !apiVersions.includes(apiVersion))
    return refusals.unknownVersion(apiVersion, apiVersions[0] ?? '');
  if (!operation) return refusals.noSuchPath(method);
  if (name !== '' && !isSecretName(name))
    return refusals.badParameter(`The request URI contains an invalid name: ${name}`);
  if (operation.writes && secrets.behaviour(name).readOnly) return refusals.readOnly();
  return operation.run({ request, secrets, name, version, now });
}

/** The SDK asks for the newest version with an empty one, so with a slash at the end. */
function parsePath(path: string): { shape: string; name: string; version: string } {
  const [, collection = '', name = '', last = '', ...rest] = path.split('/');
  const isWord = last === 'versions' || last === 'recover';
  const shape = [collection, name && '{name}', isWord ? last : last && '{version}', ...rest].filter(Boolean).join('/');
  return { shape: `/${shape}`, name, version: isWord ? '' : last };
}

function show(secrets: Secrets, name: string): ShownSecret | undefined {
  const secret = secrets.latest(name);
  if (!secret) return undefined;
  const { lagMs, readOnly } = secrets.behaviour(name);
  return {
    name: secret.name,
    deleted: secret.deletedAt !== undefined,
    readOnly,
    lag: `${lagMs}ms`,
    versions: secret.versions.map(showVersion).toReversed(),
  };
}

function showVersion({ id, enabled, created, updated, nbf, exp, contentType, tags = {} }: Version): ShownVersion {
  return {
    version: id,
    enabled,
    created: toText(created),
    updated: toText(updated),
    ...(nbf !== undefined && { notBefore: toText(nbf) }),
    ...(exp !== undefined && { expires: toText(exp) }),
    ...(contentType !== undefined && { contentType }),
    tags,
  };
}

function toSeconds(ms: number): number {
  return Math.floor(ms / 1000);
}

function toText(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}
