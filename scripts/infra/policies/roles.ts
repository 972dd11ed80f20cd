import { alternateOf } from '../../../shared/azure/key-tags.ts';
import type { Config } from '../../../shared/config/config.ts';
import { validateConfig } from '../../../shared/config/validate.ts';
import { nameOf, resourcesOf, type Environment, type Resource } from '../evaluated.ts';
import { listAt, textAt } from '../members.ts';
import type { Policy } from '../policy.ts';

/** A right that somebody may have: the role, the scope that it is given on, and whose it may be. */
type Allowed = { readonly role: string; readonly on: RegExp; readonly to: 'identity' | 'author' };

/** Built-in roles by their id ("Azure built-in roles"). */
const builtIn: Readonly<Record<string, string>> = {
  '4633458b-17de-408a-b874-0445c86b69e6': 'Key Vault Secrets User',
  'ba92f5b4-2d11-453d-a403-e96b0029c9fe': 'Storage Blob Data Contributor',
  '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1': 'Storage Blob Data Reader',
  '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3': 'Storage Table Data Contributor',
  '3913510d-42f4-4e42-8a64-420c390055eb': 'Monitoring Metrics Publisher',
};

const table = 'Microsoft.Storage/storageAccounts/tableServices/tables';
const subscriptionActions = [
  'read',
  'listSecrets/action',
  'regeneratePrimaryKey/action',
  'regenerateSecondaryKey/action',
];
const subscriptions = 'Microsoft.ApiManagement/service/subscriptions';
const workspaceSubscriptions = 'Microsoft.ApiManagement/service/workspaces/subscriptions';

/** All that our own roles may allow. */
const ours: Readonly<Record<string, readonly string[]>> = {
  'Token broker key publisher': [
    'Microsoft.KeyVault/vaults/secrets/setSecret/action',
    'Microsoft.KeyVault/vaults/secrets/update/action',
  ],
  'Token broker audit writer': [`${table}/write`, `${table}/entities/add/action`, `${table}/entities/read`],
  'Token broker key rotator': [subscriptions, workspaceSubscriptions].flatMap((type) =>
    subscriptionActions.map((action) => `${type}/${action}`),
  ),
};

const container = (name: string) => new RegExp(`/storageAccounts/[^/]+/blobServices/default/containers/${name}$`);

const allowed: readonly Allowed[] = [
  { role: 'Monitoring Metrics Publisher', on: /\/providers\/Microsoft\.Insights\/components\/[^/]+$/, to: 'identity' },
  { role: 'Key Vault Secrets User', on: /\/providers\/Microsoft\.KeyVault\/vaults\/[^/]+$/, to: 'identity' },
  { role: 'Token broker key publisher', on: /\/vaults\/[^/]+\/secrets\/[^/]+$/, to: 'identity' },
  { role: 'Token broker audit writer', on: /\/storageAccounts\/[^/]+$/, to: 'identity' },
  { role: 'Storage Table Data Contributor', on: /\/tableServices\/default\/tables\/rotation$/, to: 'identity' },
  { role: 'Storage Blob Data Reader', on: container('config'), to: 'identity' },
  {
    role: 'Storage Blob Data Contributor',
    on: container('(packages|azure-webjobs-hosts|azure-webjobs-secrets)'),
    to: 'identity',
  },
  { role: 'Storage Blob Data Contributor', on: container('config'), to: 'author' },
  {
    role: 'Token broker key rotator',
    on: /\/Microsoft\.ApiManagement\/service\/[^/]+(\/workspaces\/[^/]+)?\/subscriptions\/[^/]+$/,
    to: 'identity',
  },
];

export const rolePolicies: readonly Policy[] = [
  {
    name: 'every role assignment is on the list: this role, on that scope, to the app’s identity',
    against: ({ environments }) => environments.flatMap(notAllowed),
  },
  {
    name: 'a role of our own allows what is listed, and no wildcard',
    against: ({ environments }) => environments.flatMap(wideRoles),
  },
  {
    name: 'a role of our own can be assigned in one resource group alone',
    against: ({ environments }) => environments.flatMap(assignableElsewhere),
  },
  {
    name: 'the broker may write the secrets that its configuration has rotated, and no other',
    against: ({ environments }) =>
      environments.flatMap((each) => compare(each, 'Token broker key publisher', writtenSecrets(readConfig(each)))),
  },
  {
    name: 'the broker may rotate the subscriptions that its configuration names, and no other',
    against: ({ environments }) =>
      environments.flatMap((each) => compare(each, 'Token broker key rotator', rotatedSubscriptions(readConfig(each)))),
  },
];

function assignmentsOf(environment: Environment) {
  return resourcesOf(environment, 'Microsoft.Authorization/roleAssignments').map((assignment) => ({
    assignment,
    role: roleOf(assignment, environment),
    scope: assignment.id.replace(/\/providers\/Microsoft\.Authorization\/roleAssignments\/[^/]+$/, ''),
  }));
}

function roleOf({ properties }: Resource, environment: Environment): string {
  const id = textAt(properties, 'roleDefinitionId');
  const own = resourcesOf(environment, 'Microsoft.Authorization/roleDefinitions').find((each) => each.id === id);
  return own ? roleName(own) : (builtIn[id.slice(id.lastIndexOf('/') + 1)] ?? id);
}

/** Without what makes it the only one of its name in the tenant. */
function roleName({ properties }: Resource): string {
  return textAt(properties, 'roleName').replace(/ \([^)]*\)$/, '');
}

function notAllowed(environment: Environment): string[] {
  return assignmentsOf(environment)
    .filter(
      ({ assignment, role, scope }) =>
        !allowed.some((each) => each.role === role && each.on.test(scope) && isGivenTo(assignment, each.to)),
    )
    .map(({ role, scope }) => `${environment.name}: ${role} on ${scope}`);
}

/** The identity's object id is known when it has been made; an author's stands in the parameters. */
function isGivenTo({ properties }: Resource, who: Allowed['to']): boolean {
  const principal = textAt(properties, 'principalId');
  if (who === 'author') return /^[\da-f-]{36}$/i.test(principal);
  return (
    /^\[reference\('[^']*\/userAssignedIdentities\/id-broker-[^']*', '[^']*'\)\.principalId\]$/.test(principal) &&
    textAt(properties, 'principalType') === 'ServicePrincipal'
  );
}

function wideRoles(environment: Environment): string[] {
  return resourcesOf(environment, 'Microsoft.Authorization/roleDefinitions').flatMap((role) => {
    const listed = ours[roleName(role)];
    if (!listed) return [`${nameOf(role)}: ${roleName(role)} is not on the list.`];
    const granted = listAt(role.properties, 'permissions').flatMap((permission) =>
      ['actions', 'dataActions'].flatMap((kind) => listAt(permission, kind)),
    );
    return granted
      .filter((action) => !listed.some((each) => each === action))
      .map((action) => `${roleName(role)} allows ${String(action)}.`);
  });
}

function assignableElsewhere(environment: Environment): string[] {
  return resourcesOf(environment, 'Microsoft.Authorization/roleDefinitions').flatMap((role) => {
    const group = role.id.replace(/\/providers\/Microsoft\.Authorization\/.*$/, '');
    const scopes = listAt(role.properties, 'assignableScopes');
    return scopes.length === 1 && scopes[0] === group && /\/resourceGroups\/[^/]+$/.test(group)
      ? []
      : [`${nameOf(role)}: ${scopes.join(', ')}`];
  });
}

function readConfig({ name, config }: Environment): Config {
  return validateConfig(config, `infra/config/${name}.json`);
}

function writtenSecrets({ subscriptions: all }: Config): string[] {
  return all
    .filter(({ rotation }) => rotation !== undefined)
    .flatMap(({ secret }) => [secret, alternateOf(secret)])
    .map((secret) => `/secrets/${secret}`);
}

function rotatedSubscriptions({ subscriptions: all }: Config): string[] {
  return all.flatMap(({ authority }) => (authority?.kind === 'arm' ? [authority.resourceId] : []));
}

/** Both ways: too little fails at night, too much in a review. */
function compare(environment: Environment, role: string, ends: readonly string[]): string[] {
  const scopes = assignmentsOf(environment).flatMap((each) => (each.role === role ? [each.scope] : []));
  const isEnd = (scope: string) => (end: string) => scope.toLowerCase().endsWith(end.toLowerCase());
  return [
    ...scopes.filter((scope) => !ends.some(isEnd(scope))).map((scope) => `${environment.name}: not ${scope}.`),
    ...ends
      .filter((end) => !scopes.some((scope) => isEnd(scope)(end)))
      .map((end) => `${environment.name}: ${role} is missing on …${end}.`),
  ];
}
