import type { StandInRequest, StandInResponse } from '../server.ts';
import type { Permission } from './authentication.ts';
import { toBundle, toDeletion } from './bundles.ts';
import { answerHeaders, refusals } from './errors.ts';
import type { Secret, Secrets, Version } from './secrets.ts';

/** A request to one operation. `name` and `version` are those of its path, empty where it has none. */
type Call = {
  request: StandInRequest;
  secrets: Secrets;
  name: string;
  version: string;
  /** Seconds since the Unix epoch. */
  now: number;
};

/** An operation of the Key Vault secrets API (REST reference, "Secrets"). */
export type Operation = { permission: Permission; writes: boolean; run: (call: Call) => StandInResponse };

/** The version of that id, or the newest for an empty one; `undefined` when the secret is deleted. */
export function findVersion(secret: Secret | undefined, id: string): { secret: Secret; version: Version } | undefined {
  if (!secret || secret.deletedAt !== undefined) return undefined;
  const version = id === '' ? secret.versions.at(-1) : secret.versions.find((each) => each.id === id);
  return version && { secret, version };
}

/** How an error names a secret or one of its versions. */
export function idOf(name: string, version: string): string {
  return version === '' ? name : `${name}/${version}`;
}

/** Answers with a secret's newest version. */
export function bundleOfNewest(
  { url }: StandInRequest,
  { name, versions }: Secret,
  options: { withValue: boolean },
): StandInResponse {
  const newest = versions.at(-1);
  return newest ? ok(toBundle(url.origin, name, newest, options)) : refusals.notFound(name);
}

/** Answers with a deleted secret, without its value. */
export function deletedBundle({ url }: StandInRequest, secret: Secret): StandInResponse {
  const newest = secret.versions.at(-1);
  if (!newest) return refusals.deletedNotFound(secret.name);
  return ok({ ...toDeletion(url.origin, secret), ...toBundle(url.origin, secret.name, newest, { withValue: false }) });
}

/** Answers 200. */
export function ok(body: object): StandInResponse {
  return { status: 200, headers: answerHeaders(), body };
}
