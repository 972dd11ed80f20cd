import { assertionType, checkAssertion } from './assertion.ts';
import type { AssertionStandards } from './assertion.ts';
import type { StandInRequest } from '../server.ts';
import { resolveResource, sameText } from './apps.ts';
import type { App, AppSecret, ResolvedResource, Resource } from './apps.ts';
import { refusals } from './errors.ts';
import type { Proof } from './claims.ts';
import type { Refused } from './errors.ts';

/** A client-credentials request that may have its token. */
type Grant = { app: App; resource: ResolvedResource; proof: Proof };

/** What a request is judged by. `secretsOf` gives an app's secrets as they are now. */
export type Directory = AssertionStandards & {
  apps: readonly App[];
  resources: readonly Resource[];
  secretsOf: (app: App) => readonly AppSecret[];
};

type Credentials = { clientId: string | null; secret: string | null };

/**
 * Judges a client-credentials request (RFC 6749, section 4.4; Microsoft's v2 flow of that name). The client proves itself with `client_secret`
 * in the form or with HTTP Basic, or with `client_assertion`. Entra does not document in which order it checks; here: parameters, app, scope's form, secret, resource.
 */
export function judge(request: StandInRequest, tenantId: string, directory: Directory): Grant | Refused {
  const form = new URLSearchParams(request.body.toString());
  const grantType = form.get('grant_type');
  const scope = form.get('scope');
  const { clientId, secret } = credentialsOf(request, form);
  if (!grantType) return refusals.missingParameter('grant_type');
  if (grantType !== 'client_credentials') return refusals.unsupportedGrant(grantType);
  if (!clientId) return refusals.missingParameter('client_id');
  if (!scope) return refusals.missingParameter('scope');
  const app = directory.apps.find((each) => sameText(each.tenantId, tenantId) && sameText(each.clientId, clientId));
  if (!app) return refusals.unknownApp(clientId, tenantId);
  return (
    checkScopeForm(scope) ??
    checkProof(app, secret, form, directory) ??
    grant(app, scope, secret ? '1' : '2', directory)
  );
}

function credentialsOf({ headers }: StandInRequest, form: URLSearchParams): Credentials {
  const inForm = { clientId: form.get('client_id'), secret: form.get('client_secret') };
  const encoded = /^Basic +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
  if (encoded === undefined || inForm.secret) return inForm;
  // Each half is form-encoded before it is joined (RFC 6749, section 2.3.1).
  const [id = '', secret = ''] = Buffer.from(encoded, 'base64').toString().split(':', 2);
  const decoded = new URLSearchParams(`id=${id}&secret=${secret}`);
  return { clientId: decoded.get('id'), secret: decoded.get('secret') };
}

function checkScopeForm(scope: string): Refused | undefined {
  if (scope.trim().includes(' ')) return refusals.severalScopes(scope);
  return /.\/\.default$/.test(scope.trim()) ? undefined : refusals.notDefaultScope(scope);
}

function checkProof(app: App, secret: string | null, form: URLSearchParams, directory: Directory): Refused | undefined {
  const assertion = form.get('client_assertion');
  if (secret || !assertion) return checkSecret(app, secret, directory);
  if (form.get('client_assertion_type') !== assertionType) return refusals.missingParameter('client_assertion_type');
  return checkAssertion(app, assertion, directory);
}

function checkSecret(app: App, secret: string | null, { secretsOf, nowMs }: Directory): Refused | undefined {
  if (!secret) return refusals.missingSecret();
  const matching = secretsOf(app).filter(({ value }) => value === secret);
  if (matching.length === 0) return refusals.wrongSecret(app.clientId);
  const isGood = matching.some(({ expires = Infinity }) => nowMs < expires);
  return isGood ? undefined : refusals.expiredSecret(app.clientId);
}

function grant(app: App, scope: string, proof: Proof, { resources }: Directory): Grant | Refused {
  const name = scope.trim().slice(0, -'/.default'.length);
  const resource = resolveResource(resources, app.tenantId, name);
  return resource ? { app, resource, proof } : refusals.unknownResource(name, app.tenantId);
}
