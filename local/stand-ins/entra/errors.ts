import { randomUUID } from 'node:crypto';
import type { StandInResponse } from '../server.ts';

/** What Entra refuses, and with which error of RFC 6749, section 5.2, or of its own, and which HTTP status. */
export type Refused = { status: number; error: string; code: number; message: string };

/** Where and when an answer is given. */
export type AnswerContext = { baseUrl: string; nowMs: number; correlationId: string };

/** The headers of every answer of the token endpoint. */
export const noStore = {
  'Cache-Control': 'no-store, no-cache',
  Pragma: 'no-cache',
  Expires: '-1',
  'X-Content-Type-Options': 'nosniff',
  'Strict-Transport-Security': 'max-age=31536000; includeSubDomains',
};

/** Entra's error body, as its error code reference shows it. */
export function refuse(
  { status, error, code, message }: Refused,
  { baseUrl, nowMs, correlationId }: AnswerContext,
): StandInResponse {
  const traceId = randomUUID();
  const timestamp = `${new Date(nowMs).toISOString().slice(0, 19).replace('T', ' ')}Z`;
  return {
    status,
    headers: { ...noStore, 'x-ms-request-id': traceId },
    body: {
      error,
      error_description: `AADSTS${code}: ${message} Trace ID: ${traceId} Correlation ID: ${correlationId} Timestamp: ${timestamp}`,
      error_codes: [code],
      timestamp,
      trace_id: traceId,
      correlation_id: correlationId,
      error_uri: `${baseUrl}/error?code=${code}`,
    },
  };
}

const compareThem =
  'Check your federated identity credential Subject, Audience and Issuer against the presented assertion. https://learn.microsoft.com/entra/workload-id/workload-identity-federation';

/**
 * Entra's refusals of a client-credentials request. Texts and codes are those of the error code reference and of answers that people posted.
 * Those of assertions: https://learn.microsoft.com/azure/developer/java/sdk/troubleshooting-authentication-service-principal has 700021, 700023
 * and 700027, "Troubleshooting" of https://learn.microsoft.com/entra/msal/dotnet/how-to/migrate-confidential-client 700027 with its reason,
 * https://github.com/AzureAD/microsoft-authentication-library-for-dotnet/issues/4951 has 700024; 50027, 70025 and 700211 to 700213, and the statuses,
 * are from answers that people posted.
 * The token endpoint calls an unknown tenant `invalid_request`, discovery calls it `invalid_tenant`.
 */
export const refusals = {
  unknownTenant: (tenant: string, error: 'invalid_request' | 'invalid_tenant'): Refused => ({
    status: 400,
    error,
    code: 90002,
    message: `Tenant '${tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant.`,
  }),
  wrongMethod: (method: string): Refused => ({
    status: 405,
    error: 'invalid_request',
    code: 900561,
    message: `The endpoint only accepts POST, OPTIONS requests. Received a ${method} request.`,
  }),
  missingParameter: (name: string): Refused => ({
    status: 400,
    error: 'invalid_request',
    code: 900144,
    message: `The request body must contain the following parameter: '${name}'.`,
  }),
  unsupportedGrant: (grant: string): Refused => ({
    status: 400,
    error: 'unsupported_grant_type',
    code: 70003,
    message: `The app requested an unsupported grant type '${grant}'.`,
  }),
  unknownApp: (clientId: string, tenant: string): Refused => ({
    status: 400,
    error: 'unauthorized_client',
    code: 700016,
    message: `Application with identifier '${clientId}' was not found in the directory '${tenant}'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant.`,
  }),
  severalScopes: (scope: string): Refused => ({
    status: 400,
    error: 'invalid_scope',
    code: 70011,
    message: `The provided request must include a 'scope' input parameter. The provided value for the input parameter 'scope' is not valid. The scope ${scope} is not valid.`,
  }),
  notDefaultScope: (scope: string): Refused => ({
    status: 400,
    error: 'invalid_scope',
    code: 1002012,
    message: `The provided value for scope ${scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).`,
  }),
  missingSecret: (): Refused => ({
    status: 401,
    error: 'invalid_client',
    code: 7000216,
    message: "'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type.",
  }),
  wrongSecret: (clientId: string): Refused => ({
    status: 401,
    error: 'invalid_client',
    code: 7000215,
    message: `Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '${clientId}'.`,
  }),
  expiredSecret: (clientId: string): Refused => ({
    status: 401,
    error: 'invalid_client',
    code: 7000222,
    message: `The provided client secret keys for app '${clientId}' are expired. Visit the Azure portal to create new keys for your app: https://aka.ms/NewClientSecret, or consider using certificate credentials for added security: https://aka.ms/certCreds.`,
  }),
  malformedAssertion: (): Refused => ({
    status: 400,
    error: 'invalid_request',
    code: 50027,
    message: 'JWT token is invalid or malformed.',
  }),
  certificateRefused: (reason: string): Refused => ({
    status: 401,
    error: 'invalid_client',
    code: 700027,
    message: `Client assertion contains an invalid signature. [Reason - ${reason}]`,
  }),
  foreignAssertion: (): Refused => ({
    status: 401,
    error: 'invalid_client',
    code: 700021,
    message: "Client assertion application identifier doesn't match 'client_id' parameter.",
  }),
  assertionAudience: (): Refused => ({
    status: 401,
    error: 'invalid_client',
    code: 700023,
    message: 'Client assertion audience claim does not match Realm issuer.',
  }),
  untimelyAssertion: (): Refused => ({
    status: 401,
    error: 'invalid_client',
    code: 700024,
    message:
      'Client assertion is not within its valid time range. Review the documentation at https://learn.microsoft.com/entra/identity-platform/certificate-credentials .',
  }),
  noFederation: (clientId: string): Refused => ({
    status: 401,
    error: 'invalid_client',
    code: 70025,
    message: `The client '${clientId}' has no configured federated identity credentials.`,
  }),
  federationIssuer: (issuer: string): Refused => ({
    status: 401,
    error: 'invalid_client',
    code: 700211,
    message: `No matching federated identity record found for presented assertion issuer '${issuer}'. ${compareThem}`,
  }),
  federationAudience: (audience: string): Refused => ({
    status: 401,
    error: 'invalid_client',
    code: 700212,
    message: `No matching federated identity record found for presented assertion audience '${audience}'. ${compareThem}`,
  }),
  federationSubject: (subject: string): Refused => ({
    status: 401,
    error: 'invalid_client',
    code: 700213,
    message: `No matching federated identity record found for presented assertion subject '${subject}'. ${compareThem}`,
  }),
  unknownResource: (resource: string, tenant: string): Refused => ({
    status: 400,
    error: 'invalid_resource',
    code: 500011,
    message: `The resource principal named ${resource} was not found in the tenant named ${tenant}. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You might have sent your authentication request to the wrong tenant.`,
  }),
};
