import { audience, audienceUri, callers, tenants } from '../../../local/sample.ts';
import type { Code, Reason } from '../../../shared/errors.ts';
import type { Members } from '../../support/caller-tokens.ts';
import { bearer, mark, type Group, type Row } from '../attack.ts';
import type { Forge, Who } from '../tokens.ts';

type Changes = Members | ((at: Forge) => Members);

const of = (who: Who, name: string, changes: Changes, status: number, code: Code, reason: Reason): Row => [
  name,
  (at) => bearer(at.token(who, typeof changes === 'function' ? changes(at) : changes)),
  status,
  code,
  reason,
];
const unproven = (name: string, changes: Changes, reason: Reason): Row =>
  of('billing', name, changes, 401, 'invalid-token', reason);
const forbidden = (name: string, changes: Changes, reason: Reason, who: Who = 'billing'): Row =>
  of(who, name, changes, 403, 'forbidden', reason);
const accepted = (name: string, changes: Changes): Row => [
  name,
  (at) => bearer(at.token('billing', typeof changes === 'function' ? changes(at) : changes)),
  200,
  'accepted',
];

const now = () => Math.floor(Date.now() / 1_000);
/** With the issuer's tenant replaced. */
const issuerOf =
  (tenant: string) =>
  ({ issuer }: Forge) => ({ iss: issuer.replace(tenants.broker, tenant) });

const tenant: readonly Row[] = [
  accepted('a good token', {}),
  accepted('tid in capitals: a GUID has no case', { tid: tenants.broker.toUpperCase() }),
  unproven('tid of another tenant', { tid: tenants.okq8 }, 'tenant'),
  unproven('no tid', { tid: undefined }, 'tenant'),
  unproven('tid as a list', { tid: [tenants.broker] }, 'tenant'),
  unproven('tid in braces', { tid: `{${tenants.broker}}` }, 'tenant'),
  unproven('another tenant altogether', (at) => ({ ...issuerOf(tenants.okq8)(at), tid: tenants.okq8 }), 'issuer'),
];

const issuers: readonly Row[] = [
  unproven('of another tenant', issuerOf(tenants.partner), 'issuer'),
  unproven('of “common”', issuerOf('common'), 'issuer'),
  unproven('of “organizations”', issuerOf('organizations'), 'issuer'),
  unproven('of “{tenantid}”', issuerOf('{tenantid}'), 'issuer'),
  unproven('of version 1', { iss: `https://sts.windows.net/${tenants.broker}/` }, 'issuer'),
  unproven('with a slash behind it', ({ issuer }) => ({ iss: `${issuer}/` }), 'issuer'),
  unproven('with a blank behind it', ({ issuer }) => ({ iss: `${issuer} ` }), 'issuer'),
  unproven('in capitals', ({ issuer }) => ({ iss: issuer.toUpperCase() }), 'issuer'),
  unproven('without TLS', ({ issuer }) => ({ iss: issuer.replace('https:', 'http:') }), 'issuer'),
  unproven('behind a user', ({ issuer }) => ({ iss: issuer.replace('https://', `https://${mark}@`) }), 'issuer'),
  unproven(
    'of an attacker, with ours in its path',
    ({ issuer }) => ({ iss: `https://${mark}.example/${issuer}` }),
    'issuer',
  ),
  unproven('with a query', ({ issuer }) => ({ iss: `${issuer}?${mark}` }), 'issuer'),
  unproven('of another cloud', { iss: `https://login.microsoftonline.us/${tenants.broker}/v2.0` }, 'issuer'),
  unproven('of Azure AD B2C', { iss: `https://${mark}.b2clogin.com/${tenants.broker}/v2.0` }, 'issuer'),
  unproven('as a list', ({ issuer }) => ({ iss: [issuer] }), 'issuer'),
  unproven('none', { iss: undefined }, 'issuer'),
];

const audiences: readonly Row[] = [
  unproven('the application ID URI, as version 1 has it', { aud: audienceUri }, 'audience'),
  unproven('with a scope', { aud: `${audience}/.default` }, 'audience'),
  unproven('a list of ours', { aud: [audience] }, 'audience'),
  unproven('a list with ours and another', { aud: [mark, audience] }, 'audience'),
  unproven('in capitals', { aud: audience.toUpperCase() }, 'audience'),
  unproven('with a blank', { aud: `${audience} ` }, 'audience'),
  unproven('of Microsoft Graph', { aud: '00000003-0000-0000-c000-000000000000' }, 'audience'),
  unproven('of the caller itself', { aud: callers['billing']?.clientId }, 'audience'),
  unproven('of an API that the broker calls', { aud: 'api://apim-okq8-payments-api' }, 'audience'),
  unproven('of Key Vault', { aud: 'https://vault.azure.net' }, 'audience'),
  unproven('empty', { aud: '' }, 'audience'),
  unproven('an object with ours', { aud: { 0: audience } }, 'audience'),
  unproven('none', { aud: undefined }, 'audience'),
];

const types: readonly Row[] = [
  unproven('version 1', { ver: '1.0' }, 'token-version'),
  unproven('version 2 as a number', { ver: 2 }, 'token-version'),
  unproven('version 2', { ver: '2' }, 'token-version'),
  unproven('no version', { ver: undefined }, 'token-version'),
  unproven('delegated: a person’s, with a scope', { idtyp: 'user', scp: 'access_as_user' }, 'not-app-only'),
  unproven('delegated, and silent about it', { idtyp: undefined, scp: 'access_as_user' }, 'not-app-only'),
  unproven('delegated, and called an app’s', { scp: 'access_as_user' }, 'not-app-only'),
  unproven('with an empty scope', { scp: '' }, 'not-app-only'),
  unproven('a scope that is null', { scp: null }, 'not-app-only'),
  unproven('an ID token', { idtyp: undefined, nonce: mark, preferred_username: mark }, 'not-app-only'),
  unproven('a token that says nothing of its kind', { idtyp: undefined }, 'not-app-only'),
  unproven('of a device', { idtyp: 'device' }, 'not-app-only'),
  unproven('App', { idtyp: 'App' }, 'not-app-only'),
  unproven('a list of app', { idtyp: ['app'] }, 'not-app-only'),
];

const times: readonly Row[] = [
  unproven('expired a second ago', () => ({ iat: now() - 9, nbf: now() - 9, exp: now() - 1 }), 'expired'),
  unproven('expired a year ago', () => ({ iat: 1, nbf: 1, exp: now() - 31_536_000 }), 'expired'),
  unproven('not valid for two minutes', () => ({ nbf: now() + 120 }), 'not-yet-valid'),
  unproven('issued in two minutes', () => ({ iat: now() + 120 }), 'not-yet-valid'),
  unproven('issued when it ends', () => ({ iat: now() + 3_600, exp: now() + 3_600 }), 'claims-malformed'),
  unproven('ends before it begins', () => ({ iat: now(), exp: now() - 60 }), 'claims-malformed'),
  unproven(
    'in milliseconds',
    () => ({ iat: Date.now(), nbf: Date.now(), exp: Date.now() + 3_600_000 }),
    'not-yet-valid',
  ),
  accepted('issued 30 seconds ahead: clocks differ', () => ({ iat: now() + 30, nbf: now() + 30 })),
];

const identities: readonly Row[] = [
  unproven('no azp', { azp: undefined }, 'claims-malformed'),
  unproven(
    'appid in its place, as version 1 has it',
    { azp: undefined, appid: callers['billing']?.clientId },
    'claims-malformed',
  ),
  unproven('azp that is no GUID', { azp: `${callers['billing']?.clientId} or 1=1` }, 'claims-malformed'),
  unproven('azp as a list', { azp: [callers['billing']?.clientId] }, 'claims-malformed'),
  unproven('no oid', { oid: undefined }, 'claims-malformed'),
  unproven('sub alone', { oid: undefined, sub: callers['billing']?.objectId }, 'claims-malformed'),
  forbidden(
    'azp of a caller, and oid of a stranger',
    { azp: callers['billing']?.clientId },
    'caller-unknown',
    'stranger',
  ),
  forbidden(
    'oid of a caller, and azp of a stranger',
    { oid: callers['billing']?.objectId },
    'caller-unknown',
    'stranger',
  ),
  forbidden('azp and oid of two callers', { oid: callers['reporting']?.objectId }, 'caller-unknown'),
  forbidden(
    'azp and oid changed about',
    { azp: callers['billing']?.objectId, oid: callers['billing']?.clientId },
    'caller-unknown',
  ),
  forbidden(
    'a name for its proof',
    { azp: callers['stranger']?.clientId, caller: 'billing', name: 'billing' },
    'caller-unknown',
  ),
];

const roles: readonly Row[] = [
  forbidden('none', { roles: undefined }, 'role-missing'),
  forbidden('an empty list', { roles: [] }, 'role-missing'),
  forbidden('in other letters', { roles: ['headers.read'] }, 'role-missing'),
  forbidden('an operator’s', { roles: ['Operations.Read', 'Operations.Write'] }, 'role-missing'),
  forbidden('joined', { roles: ['Headers.Read Operations.Read'] }, 'role-missing'),
  forbidden('as a scope', { roles: undefined, wids: ['Headers.Read'], groups: ['Headers.Read'] }, 'role-missing'),
  unproven('as text', { roles: 'Headers.Read' }, 'claims-malformed'),
  unproven('as an object', { roles: { 0: 'Headers.Read', length: 1 } }, 'claims-malformed'),
  unproven('one of them a number', { roles: ['Headers.Read', 1] }, 'claims-malformed'),
];

const named = (prefix: string, rows: readonly Row[]): Row[] =>
  rows.map(([name, ...rest]): Row => [`${prefix}: ${name}`, ...rest]);

export const claimsConfusion: Group = {
  name: 'Claims confusion',
  guarantee: 1,
  rows: [
    ...named('tenant', tenant),
    ...named('issuer', issuers),
    ...named('audience', audiences),
    ...named('kind of token', types),
    ...named('times', times),
    ...named('identity', identities),
    ...named('roles', roles),
  ],
};
