import { randomUUID } from 'node:crypto';
import type { StandInResponse } from '../server.ts';

/** The headers of every answer of Key Vault. */
export function answerHeaders(): Record<string, string> {
  return {
    'Cache-Control': 'no-cache',
    Pragma: 'no-cache',
    Expires: '-1',
    'X-Content-Type-Options': 'nosniff',
    'x-ms-keyvault-region': 'westeurope',
    'x-ms-request-id': randomUUID(),
  };
}

/** Key Vault's error body (`KeyVaultError` of its REST reference); `inner` is the code of its `innererror`. */
export function fail(status: number, code: string, message: string, inner?: string): StandInResponse {
  const error = { code, message, ...(inner !== undefined && { innererror: { code: inner } }) };
  return { status, headers: answerHeaders(), body: { error } };
}

/**
 * Key Vault's refusals. Codes and texts are those of its documentation and of answers that people posted, but for `readOnly`: what a vault says to a
 * write while its region fails over is written down nowhere, so that `VaultReadOnly` is ours.
 */
export const refusals = {
  badParameter: (message: string) => fail(400, 'BadParameter', message),
  unknownVersion: (version: string | null, latest: string) =>
    version === null
      ? fail(400, 'BadParameter', 'The api-version query parameter is not specified.')
      : fail(
          400,
          'BadParameter',
          `The specified version (${version}) is not recognized. Consider using the latest supported version (${latest}).`,
        ),
  noSuchPath: (method: string) => fail(404, 'NotFound', `There is no such operation for ${method}.`),
  notFound: (id: string) =>
    fail(
      404,
      'SecretNotFound',
      `A secret with (name/id) ${id} was not found in this key vault. If you recently deleted this secret you may be able to recover it using the correct recovery command. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125182`,
    ),
  deletedNotFound: (name: string) => fail(404, 'SecretNotFound', `Deleted Secret not found: ${name}`),
  disabled: () => fail(403, 'Forbidden', 'Operation get is not allowed on a disabled secret.', 'SecretDisabled'),
  deleted: (name: string) =>
    fail(
      409,
      'Conflict',
      `Secret ${name} is currently in a deleted but recoverable state, and its name cannot be reused; in this state, the secret can only be recovered or purged.`,
      'ObjectIsDeletedButRecoverable',
    ),
  readOnly: () => fail(403, 'Forbidden', 'The vault is in read-only mode after a failover.', 'VaultReadOnly'),
  forbidden: (caller: string, action: string) =>
    fail(
      403,
      'Forbidden',
      `Caller is not authorized to perform action on resource.\r\nIf role assignments, deny assignments or role definitions were changed recently, please observe propagation time.\r\nCaller: ${caller}\r\nAction: '${action}'\r\nAssignment: (not found)\r\nDenyAssignmentId: null\r\nDecisionReason: 'DeniedWithNoValidRBAC'\r\n`,
      'ForbiddenByRbac',
    ),
};
