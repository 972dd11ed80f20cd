import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nameOf, resourcesOf, type Environment, type Resource } from '../evaluated.ts';
import { at, listAt, textAt } from '../members.ts';
import type { Policy } from '../policy.ts';

const root = join(import.meta.dirname, '../../..');

/** What tells by diagnostic settings who did what with it. */
const told = [
  'Microsoft.KeyVault/vaults',
  'Microsoft.Storage/storageAccounts/blobServices',
  'Microsoft.Storage/storageAccounts/tableServices',
  'Microsoft.OperationalInsights/workspaces',
  'Microsoft.Web/sites',
];

/**
 * Whoever adds a kind says here that the policies know of it: a slot, a local user of the storage account, a public address or a secret that stands in the
 * template would pass by all of them.
 */
const kinds = new Set([
  'Microsoft.Authorization/roleAssignments',
  'Microsoft.Authorization/roleDefinitions',
  'Microsoft.Insights/actionGroups',
  'Microsoft.Insights/components',
  'Microsoft.Insights/diagnosticSettings',
  'Microsoft.Insights/metricAlerts',
  'Microsoft.Insights/privateLinkScopes',
  'Microsoft.Insights/privateLinkScopes/scopedResources',
  'Microsoft.Insights/scheduledQueryRules',
  'Microsoft.Insights/webtests',
  'Microsoft.Insights/workbooks',
  'Microsoft.KeyVault/vaults',
  'Microsoft.ManagedIdentity/userAssignedIdentities',
  'Microsoft.Network/networkSecurityGroups',
  'Microsoft.Network/privateDnsZones',
  'Microsoft.Network/privateDnsZones/virtualNetworkLinks',
  'Microsoft.Network/privateEndpoints',
  'Microsoft.Network/privateEndpoints/privateDnsZoneGroups',
  'Microsoft.Network/virtualNetworks',
  'Microsoft.OperationalInsights/workspaces',
  'Microsoft.Storage/storageAccounts',
  'Microsoft.Storage/storageAccounts/blobServices',
  'Microsoft.Storage/storageAccounts/blobServices/containers',
  'Microsoft.Storage/storageAccounts/managementPolicies',
  'Microsoft.Storage/storageAccounts/tableServices',
  'Microsoft.Storage/storageAccounts/tableServices/tables',
  'Microsoft.Web/serverfarms',
  'Microsoft.Web/sites',
  'Microsoft.Web/sites/basicPublishingCredentialsPolicies',
  'Microsoft.Web/sites/config',
]);

const neededTags = ['azd-env-name', 'application'];

export const upkeepPolicies: readonly Policy[] = [
  {
    name: 'whatever takes tags has them',
    against: ({ environments }) =>
      environments.flatMap(({ resources }) =>
        resources
          .filter((resource) => resource['location'] !== undefined)
          .flatMap((resource) =>
            neededTags.filter((tag) => textAt(resource['tags'], tag) === '').map((tag) => [resource, tag] as const),
          )
          .map(([resource, tag]) => `${nameOf(resource)} has no tag ${tag}.`),
      ),
  },
  {
    name: 'who did what with vault, storage, logs and app is on record',
    against: ({ environments }) => environments.flatMap(tellsNothing),
  },
  {
    name: 'every resource is of a kind that the other policies look at',
    against: ({ environments }) =>
      environments.flatMap(({ resources }) => resources.filter(({ type }) => !kinds.has(type)).map(nameOf)),
  },
  {
    name: 'instances are kept ready for functions that there are',
    against: ({ environments }) =>
      environments.flatMap((environment) =>
        resourcesOf(environment, 'Microsoft.Web/sites')
          .flatMap(({ properties }) => listAt(properties, 'functionAppConfig.scaleAndConcurrency.alwaysReady'))
          .map((each) => textAt(each, 'name'))
          .filter((name) => name !== 'http' && !ownScale().includes(name))
          .map((name) => `${environment.name}: ${name}`),
      ),
  },
  {
    name: 'every resource and module has its reason in the line above it',
    against: ({ sources }) => Array.from(sources).flatMap(([path, text]) => withoutReason(path, text)),
  },
];

/** Functions that are scaled by themselves: those of HTTP are one group ("Azure Functions Flex Consumption: per-function scaling"). */
function ownScale(): string[] {
  const files = globSync('functions/*.ts', { cwd: root }).map((path) => readFileSync(join(root, path), 'utf8'));
  return files.flatMap((text) => /\bapp\.timer\('([^']+)'/.exec(text)?.[1] ?? []).map((name) => `function:${name}`);
}

function tellsNothing(environment: Environment): string[] {
  const settings = resourcesOf(environment, 'Microsoft.Insights/diagnosticSettings').filter(
    ({ properties }) => textAt(properties, 'workspaceId') !== '' && isOn(properties['logs']),
  );
  return told.flatMap((type) => {
    const found = resourcesOf(environment, type);
    if (found.length === 0) return [`${environment.name} has no ${type}.`];
    return found
      .filter((resource) => !settings.some((each) => isOf(each, resource)))
      .map((each) => `${nameOf(each)} tells nothing.`);
  });
}

function isOn(logs: unknown): boolean {
  return Array.isArray(logs) && logs.some((log) => at(log, 'enabled') === true && textAt(log, 'categoryGroup') !== '');
}

function isOf(setting: Resource, { id }: Resource): boolean {
  return setting.id.startsWith(`${id}/providers/Microsoft.Insights/`);
}

/** A comment, with decorators and directives between it and what it is about. */
function withoutReason(path: string, text: string): string[] {
  const lines = text.split('\n').map((line) => line.trim());
  return lines.flatMap((line, index) => {
    if (!/^(resource|module) \w+ /.test(line)) return [];
    const before = lines.slice(0, index).findLast((each) => !/^(@|#)/.test(each));
    return before?.startsWith('//') ? [] : [`infra/${path}:${index + 1}: ${line}`];
  });
}
