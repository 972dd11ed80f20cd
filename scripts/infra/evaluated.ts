import { isMembers, textAt, type Members } from './members.ts';

/** A resource as it would be deployed, evaluated offline: what only Azure knows is left as an expression, `[reference(…)]`. */
export type Resource = Members & {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly properties: Members;
};

/** One environment, as `bicep snapshot` has evaluated it. */
export type Environment = {
  /** `dev`, `prod`. */
  readonly name: string;
  /** The broker's configuration that it is deployed with: the file's text. */
  readonly config: string;
  readonly resources: Resource[];
  readonly outputs: Members;
};

/** All that the policies look at. */
export type Evaluated = {
  /** `main.bicep`, compiled. */
  readonly template: Members;
  readonly environments: readonly Environment[];
  /** The Bicep files by their path. */
  readonly sources: ReadonlyMap<string, string>;
};

/**
 * A snapshot in an order that is the same each time: the CLI writes outputs in whichever order they become known.
 */
export function toStableText(snapshot: string): string {
  const { predictedResources, diagnostics, outputs }: Members = JSON.parse(snapshot);
  const byId = (a: unknown, b: unknown) => (textAt(a, 'id') < textAt(b, 'id') ? -1 : 1);
  const resources = Array.isArray(predictedResources) ? predictedResources.toSorted(byId) : predictedResources;
  const named = isMembers(outputs)
    ? Object.fromEntries(Object.entries(outputs).toSorted(([a], [b]) => (a < b ? -1 : 1)))
    : outputs;
  return `${JSON.stringify({ predictedResources: resources, diagnostics, outputs: named }, undefined, 2)}\n`;
}

/** @throws where a snapshot is not of the form that the CLI of this version writes. */
export function readSnapshot(text: string): Pick<Environment, 'resources' | 'outputs'> {
  const snapshot: unknown = JSON.parse(text);
  const found = isMembers(snapshot) ? snapshot['predictedResources'] : undefined;
  if (!isMembers(snapshot) || !Array.isArray(found)) throw new Error('The snapshot has no predictedResources.');
  const outputs = snapshot['outputs'];
  return { resources: found.map(toResource), outputs: isMembers(outputs) ? outputs : {} };
}

function toResource(found: unknown): Resource {
  const { id, type, name, properties = {} } = isMembers(found) ? found : {};
  if (!isMembers(found) || typeof id !== 'string' || typeof type !== 'string' || typeof name !== 'string') {
    throw new Error('The snapshot has a resource without an id, a type or a name.');
  }
  return { ...found, id, type, name, properties: isMembers(properties) ? properties : {} };
}

export function resourcesOf({ resources }: Environment, type: string): Resource[] {
  return resources.filter((resource) => resource.type.toLowerCase() === type.toLowerCase());
}

/** Where a private network is the rule: everywhere but in a trial. */
export function isPrivate({ name }: Environment): boolean {
  return name !== 'dev';
}

/** How a finding names a resource: without what is before its type. */
export function nameOf({ type, id }: Resource): string {
  return `${type} ${id.slice(id.lastIndexOf('/providers/') + 1)}`;
}
