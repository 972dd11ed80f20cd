import type { StandInRequest, StandInResponse } from '../server.ts';
import { toBundle, toDeletion, toItem } from './bundles.ts';
import { deletedBundle, findVersion, idOf, ok } from './call.ts';
import type { Operation } from './call.ts';
import { refusals } from './errors.ts';
import { page } from './paging.ts';
import type { Secret } from './secrets.ts';

/** `GET /secrets/{name}[/{version}]`. The newest version counts even when it is disabled; `nbf` and `exp` hide nothing. */
export const getSecret: Operation = {
  permission: 'getSecret/action',
  writes: false,
  run: ({ request, secrets, name, version }) => {
    const found = findVersion(secrets.read(name), version);
    if (!found) return refusals.notFound(idOf(name, version));
    if (!found.version.enabled) return refusals.disabled();
    return ok(toBundle(request.url.origin, found.secret.name, found.version, { withValue: true }));
  },
};

/** `GET /secrets`, by name. */
export const listSecrets: Operation = {
  permission: 'readMetadata/action',
  writes: false,
  run: ({ request, secrets }) =>
    listPage(
      request,
      secrets.list().filter(({ deletedAt }) => deletedAt === undefined),
    ),
};

/** `GET /secrets/{name}/versions`, in the order of their ids: the newest stands anywhere. */
export const listVersions: Operation = {
  permission: 'readMetadata/action',
  writes: false,
  run: ({ request, secrets, name }) => {
    const secret = secrets.read(name);
    if (!secret || secret.deletedAt !== undefined) return refusals.notFound(name);
    const lines = secret.versions
      .map((version) => ({
        key: version.id,
        item: toItem(`${request.url.origin}/secrets/${secret.name}/${version.id}`, version),
      }))
      .toSorted((a, b) => (a.key < b.key ? -1 : 1));
    return pageOf(request, lines);
  },
};

/** `GET /deletedsecrets`, by name. */
export const listDeleted: Operation = {
  permission: 'readMetadata/action',
  writes: false,
  run: ({ request, secrets }) =>
    listPage(
      request,
      secrets.list().filter(({ deletedAt }) => deletedAt !== undefined),
    ),
};

/** `GET /deletedsecrets/{name}`. */
export const getDeleted: Operation = {
  permission: 'readMetadata/action',
  writes: false,
  run: ({ request, secrets, name }) => {
    const secret = secrets.read(name);
    return secret?.deletedAt === undefined ? refusals.deletedNotFound(name) : deletedBundle(request, secret);
  },
};

function listPage(request: StandInRequest, secrets: readonly Secret[]): StandInResponse {
  const lines = secrets.flatMap((secret) => {
    const newest = secret.versions.at(-1);
    const deletion = secret.deletedAt === undefined ? {} : toDeletion(request.url.origin, secret);
    const id = `${request.url.origin}/secrets/${secret.name}`;
    return newest ? [{ key: secret.name, item: { ...deletion, ...toItem(id, newest) } }] : [];
  });
  return pageOf(request, lines);
}

function pageOf({ url }: StandInRequest, lines: readonly { key: string; item: object }[]): StandInResponse {
  const found = page(url, lines);
  return found ? ok(found) : refusals.badParameter('maxresults must be between 1 and 25.');
}
