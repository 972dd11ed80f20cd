import { isDeepStrictEqual } from 'node:util';
import { at, isMembers, listAt, textAt, type Members } from '../infra/members.ts';

/** The app roles that `docs/operations.md` and `docs/http-api.md` speak of. Their ids are ours for good: an assignment names the id. */
export const appRoles = {
  'Headers.Read': { id: '6f0f6a5b-7f0b-4d53-9d0a-0d6c0a1e7b11', to: ['Application'], what: 'Have header sets' },
  'Operations.Read': {
    id: '6f0f6a5b-7f0b-4d53-9d0a-0d6c0a1e7b12',
    to: ['Application', 'User'],
    what: 'See the broker',
  },
  'Operations.Write': {
    id: '6f0f6a5b-7f0b-4d53-9d0a-0d6c0a1e7b13',
    to: ['Application', 'User'],
    what: 'See the broker and steer rotations',
  },
} as const;
export type AppRole = keyof typeof appRoles;

const scope = { id: '6f0f6a5b-7f0b-4d53-9d0a-0d6c0a1e7b21', value: 'user_impersonation' };
/** The Azure CLI, with which people sign in for the command line (`docs/cli.md`). */
const azureCli = '04b07795-8ddb-461a-bbee-02f9e1bf7b46';

/** What of an application must be changed, and to what: members that are not in it are as they should be. What others have added stays. */
export type Change = Members;

/**
 * What does not depend on anything that the registration has to have first.
 *
 * @param found absent where there is none yet.
 * @param url where the broker answers; absent while nobody knows.
 */
export function changeOf(found: Members | undefined, displayName: string, url: string | undefined): Change {
  return differing(found ?? {}, {
    displayName: textAt(found, 'displayName') || displayName,
    signInAudience: 'AzureADMyOrg',
    api: {
      ...membersAt(found, 'api'),
      requestedAccessTokenVersion: 2,
      oauth2PermissionScopes: withScope(listAt(found, 'api.oauth2PermissionScopes')),
    },
    appRoles: Object.entries(appRoles).reduce(withRole, listAt(found, 'appRoles')),
    optionalClaims: {
      ...membersAt(found, 'optionalClaims'),
      accessToken: withClaim(listAt(found, 'optionalClaims.accessToken')),
    },
    web: {
      ...membersAt(found, 'web'),
      redirectUris: withItem(listAt(found, 'web.redirectUris'), url && `${url}/.auth/login/aad/callback`),
      implicitGrantSettings: {
        ...membersAt(found, 'web.implicitGrantSettings'),
        // App Service authentication asks for an ID token beside the code.
        enableIdTokenIssuance: true,
        enableAccessTokenIssuance: false,
      },
    },
  });
}

/** What names the application’s own ids: its URI, and which program may ask for its scope. */
export function secondChangeOf(found: Members): Change {
  const scopes = listAt(found, 'api.oauth2PermissionScopes');
  const scopeId = textAt(
    scopes.find((each) => textAt(each, 'value') === scope.value),
    'id',
  );
  const trusted = listAt(found, 'api.preAuthorizedApplications');
  const isTrusted = trusted.some(
    (each) => textAt(each, 'appId') === azureCli && listAt(each, 'delegatedPermissionIds').includes(scopeId),
  );
  const others = trusted.filter((each) => textAt(each, 'appId') !== azureCli);
  return differing(found, {
    identifierUris: withItem(listAt(found, 'identifierUris'), `api://${textAt(found, 'appId')}`),
    api: {
      ...membersAt(found, 'api'),
      preAuthorizedApplications: isTrusted
        ? trusted
        : [...others, { appId: azureCli, delegatedPermissionIds: [scopeId] }],
    },
  });
}

function differing(found: Members, wanted: Members): Change {
  return Object.fromEntries(Object.entries(wanted).filter(([name, value]) => !isDeepStrictEqual(found[name], value)));
}

function membersAt(value: unknown, path: string): Members {
  const found = at(value, path);
  return isMembers(found) ? found : {};
}

function withItem(list: readonly unknown[], item: string | undefined): readonly unknown[] {
  return item === undefined || list.includes(item) ? list : [...list, item];
}

/** Found by its value: the id of a role that is there already stays, for it may have been given to somebody. */
function withRole(roles: readonly unknown[], [value, { id, to, what }]: [string, (typeof appRoles)[AppRole]]) {
  const found = roles.find((each) => textAt(each, 'value') === value);
  const isRight =
    at(found, 'isEnabled') === true && to.every((who) => listAt(found, 'allowedMemberTypes').includes(who));
  if (isRight) return roles;
  const role = {
    id,
    displayName: value,
    description: `${what}.`,
    ...(isMembers(found) ? found : {}),
    value,
    isEnabled: true,
    allowedMemberTypes: [...to],
  };
  return [...roles.filter((each) => each !== found), role];
}

function withScope(scopes: readonly unknown[]): readonly unknown[] {
  if (scopes.some((each) => textAt(each, 'value') === scope.value && at(each, 'isEnabled') === true)) return scopes;
  const text = 'Ask the token broker as the person who has signed in';
  return [
    ...scopes.filter((each) => textAt(each, 'value') !== scope.value),
    { ...scope, type: 'User', isEnabled: true, ...consentTexts(text) },
  ];
}

function consentTexts(text: string) {
  return {
    adminConsentDisplayName: text,
    adminConsentDescription: `${text}.`,
    userConsentDisplayName: text,
    userConsentDescription: `${text}.`,
  };
}

/** By `idtyp` the broker tells an app’s token from a person’s: without it, no caller gets anything. */
function withClaim(claims: readonly unknown[]): readonly unknown[] {
  if (claims.some((each) => textAt(each, 'name') === 'idtyp')) return claims;
  return [...claims, { name: 'idtyp', source: null, essential: false, additionalProperties: [] }];
}
