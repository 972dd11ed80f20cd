import * as z from 'zod/mini';
import { BrokerError } from '../errors.ts';
import { parseGuid, type Guid } from '../names.ts';

/** Who has signed in, as App Service authentication says. */
export type Principal = { readonly objectId: Guid; readonly roles: readonly string[] };

/** Kestrel gives all headers together 32 KB. */
const longestPrincipal = 32_768;
const base64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** "Work with user identities in Azure App Service authentication", "Decode the client principal header". */
const principal = z.object({
  auth_typ: z.literal('aad'),
  claims: z.array(z.object({ typ: z.string(), val: z.string() })),
});
type Claims = z.output<typeof principal>['claims'];

/** As in the token, or as Windows Identity Foundation names them. */
const tenantTypes = ['tid', 'http://schemas.microsoft.com/identity/claims/tenantid'];
const objectTypes = ['oid', 'http://schemas.microsoft.com/identity/claims/objectidentifier'];
const roleTypes = ['roles', 'http://schemas.microsoft.com/ws/2008/06/identity/claims/role'];

/**
 * Reads `X-MS-CLIENT-PRINCIPAL`. Anyone can write one: it says something only where the platform has put it there, having taken away the client's own.
 *
 * @throws {BrokerError} `principal-malformed`, or `tenant` for a person of another tenant.
 */
export function readPrincipal(header: string, tenantId: Guid): Principal {
  const { claims } = parsePrincipal(header);
  if (readGuid(claims, tenantTypes) !== tenantId) throw new BrokerError('tenant');
  return { objectId: readGuid(claims, objectTypes), roles: valuesOf(claims, roleTypes) };
}

function parsePrincipal(header: string): z.output<typeof principal> {
  if (header.length > longestPrincipal || !base64.test(header)) throw new BrokerError('principal-malformed');
  const { success, data } = z.safeParse(principal, parseJson(header));
  if (!success) throw new BrokerError('principal-malformed');
  return data;
}

function parseJson(header: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(header, 'base64')));
  } catch {
    return undefined;
  }
}

function valuesOf(claims: Claims, types: readonly string[]): string[] {
  return claims.filter(({ typ }) => types.includes(typ)).map(({ val }) => val);
}

/** One GUID, however often it is said. */
function readGuid(claims: Claims, types: readonly string[]): Guid {
  const [guid, ...others] = new Set(valuesOf(claims, types).map(parseGuid));
  if (guid === undefined || others.length > 0) throw new BrokerError('principal-malformed');
  return guid;
}
