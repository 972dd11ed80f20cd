import { resourcesOf, type Environment, type Evaluated, type Resource } from './evaluated.ts';
import { at, isMembers } from './members.ts';

/** A way to break a rule, done to a copy of what was evaluated. */
export type Mutation = {
  /** The policy that must see it; others may as well. */
  readonly breaks: string;
  readonly by: string;
  readonly change: Change;
};
export type Change = (copy: Evaluated) => void;
type Choice = (resource: Resource) => boolean;

/** Several ways to break one rule. */
export function rows(breaks: string, changes: Readonly<Record<string, Change>>): Mutation[] {
  return Object.entries(changes).map(([by, change]) => ({ breaks, by, change }));
}

export function prod({ environments }: Evaluated): Environment {
  const found = environments.find(({ name }) => name === 'prod');
  if (!found) throw new Error('There is no prod.');
  return found;
}

/** @throws where there is none: a mutation that changes nothing proves nothing. */
export function first(copy: Evaluated, type: string, of: Choice = () => true): Resource {
  const found = resourcesOf(prod(copy), type).find(of);
  if (!found) throw new Error(`There is no ${type} to change.`);
  return found;
}

/** Sets or, with `undefined`, deletes what stands at a path. */
export function put(target: unknown, path: string, value: unknown): void {
  const names = path.split('.');
  const last = names.pop() ?? '';
  const parent = names.length === 0 ? target : at(target, names.join('.'));
  if (!isMembers(parent)) throw new Error(`There is nothing at ${path}.`);
  if (value === undefined) delete parent[last];
  else parent[last] = value;
}

/** Adds to the list at a path. */
export function insert(target: unknown, path: string, value: unknown): void {
  const list = at(target, path);
  if (!Array.isArray(list)) throw new Error(`There is no list at ${path}.`);
  list.push(value);
}

/** Sets a property of the first resource of a type. */
export function setting(type: string, path: string, value: unknown): Change {
  return (copy) => put(first(copy, type).properties, path, value);
}

export function remove(type: string, of?: Choice): Change {
  return (copy) => {
    const { resources } = prod(copy);
    resources.splice(resources.indexOf(first(copy, type, of)), 1);
  };
}

export function add(resource: (copy: Evaluated) => Resource): Change {
  return (copy) => void prod(copy).resources.push(resource(copy));
}

/** By a part of the name, or of the id. */
export function named(part: string): Choice {
  return ({ id, name }) => id.includes(part) || name.includes(part);
}

export const types = {
  storage: 'Microsoft.Storage/storageAccounts',
  vault: 'Microsoft.KeyVault/vaults',
  site: 'Microsoft.Web/sites',
  siteConfig: 'Microsoft.Web/sites/config',
  insights: 'Microsoft.Insights/components',
  workspace: 'Microsoft.OperationalInsights/workspaces',
  diagnostics: 'Microsoft.Insights/diagnosticSettings',
  assignment: 'Microsoft.Authorization/roleAssignments',
  definition: 'Microsoft.Authorization/roleDefinitions',
  logAlert: 'Microsoft.Insights/scheduledQueryRules',
  metricAlert: 'Microsoft.Insights/metricAlerts',
} as const;
