import type { Verdict } from '../entra/entra.ts';
import type { StandInRequest, StandInResponse } from '../server.ts';
import { fail, refusals } from './errors.ts';

/** Azure's built-in roles for a vault's secrets: one reads them, the other does everything. */
type VaultRole = 'Key Vault Secrets User' | 'Key Vault Secrets Officer';

/** What requests are authenticated by. */
export type Gatekeeping = {
  verify: (token: string, audience: readonly string[]) => Promise<Verdict>;
  /** Entra's URL without a slash at its end, for the challenge. */
  authority: () => string;
  tenantId: string;
  /** Roles by the object id of who has them. */
  roles: Readonly<Record<string, VaultRole>>;
};

/** The permission that an operation needs, as Azure's roles name it below `Microsoft.KeyVault/vaults/secrets/`. */
export type Permission =
  | 'getSecret/action'
  | 'readMetadata/action'
  | 'setSecret/action'
  | 'update/action'
  | 'delete'
  | 'recover/action'
  | 'purge/action';

const resource = 'https://vault.azure.net';
/** Key Vault's own client id is the other audience that it takes. */
const audiences = [resource, 'cfa8b339-82a2-471a-a3c9-0fc0be7a4093'];
const readerPermissions: ReadonlySet<Permission> = new Set(['getSecret/action', 'readMetadata/action']);

/**
 * Lets a request pass, or answers it: 401 with the challenge ("Authentication, requests and responses" of the Key Vault reference) without a good
 * token, 403 without the permission.
 */
export async function authenticate(
  { headers }: StandInRequest,
  permission: Permission,
  gatekeeping: Gatekeeping,
): Promise<StandInResponse | undefined> {
  const token = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
  if (token === undefined) return challenge('AKV10000: Request is missing a Bearer or PoP token.', gatekeeping);
  const verdict = await gatekeeping.verify(token, audiences);
  if (!verdict.ok) return challenge(explain(verdict), gatekeeping);
  const { oid, appid = verdict.claims['azp'], iss } = verdict.claims;
  const role = typeof oid === 'string' && Object.hasOwn(gatekeeping.roles, oid) ? gatekeeping.roles[oid] : undefined;
  const may = role === 'Key Vault Secrets Officer' || (role !== undefined && readerPermissions.has(permission));
  if (may) return undefined;
  const caller = `appid=${String(appid)};oid=${String(oid)};iss=${String(iss)}`;
  return refusals.forbidden(caller, `Microsoft.KeyVault/vaults/secrets/${permission}`);
}

function challenge(message: string, { authority, tenantId }: Gatekeeping): StandInResponse {
  const answer = fail(401, 'Unauthorized', message);
  const value = `Bearer authorization="${authority()}/${tenantId}", resource="${resource}"`;
  return { ...answer, headers: { ...answer.headers, 'WWW-Authenticate': value } };
}

function explain({ reason, claims }: Extract<Verdict, { ok: false }>): string {
  const unknownKey = 'AKV10046: Unable to resolve the key used for signature validation.';
  const expired = "[TokenExpired] Error validating token: 'S2S12086'.";
  const messages: Record<typeof reason, string> = {
    malformed: unknownKey,
    signature: unknownKey,
    issuer: `AKV10032: Invalid issuer. Expected one of the issuers of this vault's tenant, found ${String(claims?.['iss'])}.`,
    audience: `AKV10022: Invalid audience. Expected ${resource}, found: ${String(claims?.['aud'])}.`,
    expired,
    revoked: expired,
  };
  return messages[reason];
}
