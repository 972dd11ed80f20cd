import { toBundle } from './bundles.ts';
import { bundleOfNewest, deletedBundle, findVersion, idOf, ok } from './call.ts';
import type { Operation } from './call.ts';
import { answerHeaders, refusals } from './errors.ts';
import { parseChange, parseNewVersion } from './input.ts';
import { addVersion, changeVersion } from './secrets.ts';
import type { Secret } from './secrets.ts';

/** `PUT /secrets/{name}`: always a new version; there is no conditional write. */
export const setSecret: Operation = {
  permission: 'setSecret/action',
  writes: true,
  run: ({ request, secrets, name, now }) => {
    const input = parseNewVersion(request.body);
    if ('reason' in input) return refusals.badParameter(input.reason);
    const before = secrets.latest(name);
    if (before?.deletedAt !== undefined) return refusals.deleted(name);
    const secret = addVersion(before ?? { name, versions: [] }, input.value, input.attributes, now);
    secrets.write(name, secret);
    return bundleOfNewest(request, secret, { withValue: true });
  },
};

/** `PATCH /secrets/{name}/{version}`: attributes, content type and tags, the tags as a whole. Answers without the value. */
export const updateSecret: Operation = {
  permission: 'update/action',
  writes: true,
  run: ({ request, secrets, name, version, now }) => {
    const change = parseChange(request.body);
    if ('reason' in change) return refusals.badParameter(change.reason);
    const found = findVersion(secrets.latest(name), version);
    if (!found) return refusals.notFound(idOf(name, version));
    const secret = changeVersion(found.secret, found.version.id, change, now);
    secrets.write(name, secret);
    const changed = { ...found.version, ...change, updated: now };
    return ok(toBundle(request.url.origin, secret.name, changed, { withValue: false }));
  },
};

/** `DELETE /secrets/{name}`: can be recovered for 90 days. */
export const deleteSecret: Operation = {
  permission: 'delete',
  writes: true,
  run: ({ request, secrets, name, now }) => {
    const before = secrets.latest(name);
    if (!before || before.deletedAt !== undefined) return refusals.notFound(name);
    const secret = { ...before, deletedAt: now };
    secrets.write(name, secret);
    return deletedBundle(request, secret);
  },
};

/** `POST /deletedsecrets/{name}/recover`: with all its versions. Done at once, where Azure takes some seconds. */
export const recoverDeleted: Operation = {
  permission: 'recover/action',
  writes: true,
  run: ({ request, secrets, name }) => {
    const before = secrets.latest(name);
    if (before?.deletedAt === undefined) return refusals.deletedNotFound(name);
    const secret: Secret = { name: before.name, versions: before.versions };
    secrets.write(name, secret);
    return bundleOfNewest(request, secret, { withValue: false });
  },
};

/** `DELETE /deletedsecrets/{name}`: for good. */
export const purgeDeleted: Operation = {
  permission: 'purge/action',
  writes: true,
  run: ({ secrets, name }) => {
    if (secrets.latest(name)?.deletedAt === undefined) return refusals.deletedNotFound(name);
    secrets.write(name, undefined);
    return { status: 204, headers: answerHeaders() };
  },
};
