import type { StandInResponse } from '../server.ts';
import { issuerOf } from './claims.ts';
import type { SigningKey } from './keys.ts';

/** Entra lets its metadata be cached for a day. */
const headers = { 'Cache-Control': 'max-age=86400, private', 'X-Content-Type-Options': 'nosniff' };

/** The tenant's OpenID Connect metadata: what clients of the client-credentials flow and verifiers of its tokens read. */
export function openIdConfiguration(baseUrl: string, tenantId: string): StandInResponse {
  const tenant = `${baseUrl}/${tenantId}`;
  const body = {
    token_endpoint: `${tenant}/oauth2/v2.0/token`,
    token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt', 'client_secret_basic'],
    jwks_uri: `${tenant}/discovery/v2.0/keys`,
    response_modes_supported: ['query', 'fragment', 'form_post'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
    response_types_supported: ['code', 'id_token', 'code id_token', 'id_token token'],
    scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
    issuer: issuerOf(2, baseUrl, tenantId),
    request_uri_parameter_supported: false,
    authorization_endpoint: `${tenant}/oauth2/v2.0/authorize`,
    http_logout_supported: true,
    frontchannel_logout_supported: true,
    tenant_region_scope: 'EU',
    cloud_instance_name: new URL(baseUrl).host,
  };
  return { status: 200, headers, body };
}

/** The tenant's signing keys (RFC 7517); like Entra's, each says for which issuer it signs. */
export function keySet(baseUrl: string, tenantId: string, keys: readonly SigningKey[]): StandInResponse {
  const issuer = issuerOf(2, baseUrl, tenantId);
  const body = {
    keys: keys.map(({ kid, publicKey }) => {
      const { n, e } = publicKey.export({ format: 'jwk' });
      return { kty: 'RSA', use: 'sig', kid, x5t: kid, n, e, issuer };
    }),
  };
  return { status: 200, headers, body };
}

/** What MSAL asks about an authority that it was not told to know. */
export function instanceDiscovery(baseUrl: string, tenant: string): StandInResponse {
  const { host } = new URL(baseUrl);
  const body = {
    tenant_discovery_endpoint: `${baseUrl}/${tenant}/v2.0/.well-known/openid-configuration`,
    'api-version': '1.1',
    metadata: [{ preferred_network: host, preferred_cache: host, aliases: [host] }],
  };
  return { status: 200, headers, body };
}
