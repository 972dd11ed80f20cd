import type { Operation } from './call.ts';
import { getDeleted, getSecret, listDeleted, listSecrets, listVersions } from './reads.ts';
import { deleteSecret, purgeDeleted, recoverDeleted, setSecret, updateSecret } from './writes.ts';

/** The operations by method and the shape of their path. */
export const operations: Readonly<Record<string, Operation>> = {
  'GET /secrets': listSecrets,
  'GET /secrets/{name}': getSecret,
  'PUT /secrets/{name}': setSecret,
  'PATCH /secrets/{name}': updateSecret,
  'DELETE /secrets/{name}': deleteSecret,
  'GET /secrets/{name}/versions': listVersions,
  'GET /secrets/{name}/{version}': getSecret,
  'PATCH /secrets/{name}/{version}': updateSecret,
  'GET /deletedsecrets': listDeleted,
  'GET /deletedsecrets/{name}': getDeleted,
  'DELETE /deletedsecrets/{name}': purgeDeleted,
  'POST /deletedsecrets/{name}/recover': recoverDeleted,
};
