import { nameOf, resourcesOf, type Environment, type Resource } from '../evaluated.ts';
import { at, textAt } from '../members.ts';
import type { Policy } from '../policy.ts';

/** What tells by diagnostic settings who did what with it. */
const told = [
  'Microsoft.KeyVault/vaults',
  'Microsoft.Storage/storageAccounts/blobServices',
  'Microsoft.Storage/storageAccounts/tableServices',
  'Microsoft.OperationalInsights/workspaces',
  'Microsoft.Web/sites',
];

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
    name: 'nothing is named but the plan, the app and their like: no virtual machine, no deployment script',
    against: ({ environments }) =>
      environments.flatMap(({ resources }) =>
        resources
          .filter(
            ({ type }) =>
              !/^Microsoft\.(ManagedIdentity|Network|OperationalInsights|Insights|Authorization|KeyVault|Storage|Web)\//i.test(
                type,
              ),
          )
          .map(nameOf),
      ),
  },
  {
    name: 'every resource and module has its reason in the line above it',
    against: ({ sources }) => Array.from(sources).flatMap(([path, text]) => withoutReason(path, text)),
  },
];

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
