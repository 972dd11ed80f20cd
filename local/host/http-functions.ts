import type { HttpFunction } from './dispatch.ts';
import { resolveSettings, type IndexedFunction } from './indexing.ts';
import { createRoutes, type RouteDefinition, type RouteMatch } from './routes.ts';
import { StartError } from './start-error.ts';

const reserved = /^(?:admin|runtime)(?:\/|$)/i;
const authLevels = new Set(['anonymous', 'function', 'admin']);

function readMethods(functionName: string, methods: unknown): string[] {
  if (Array.isArray(methods) && methods.every((method) => typeof method === 'string'))
    return methods.map((method) => method.toUpperCase());
  throw new StartError(`The methods of the function "${functionName}" are not a list of names.`);
}

function readAuthLevel(functionName: string, authLevel: unknown): boolean {
  const level = typeof authLevel === 'string' ? authLevel.toLowerCase() : authLevel;
  if (typeof level !== 'string' || !authLevels.has(level)) {
    throw new StartError(`The authLevel of the function "${functionName}" is not anonymous, function or admin.`);
  }
  return level !== 'anonymous';
}

function readTemplate({ name, trigger }: IndexedFunction, routePrefix: string, settings: NodeJS.ProcessEnv): string {
  const given = typeof trigger['route'] === 'string' && trigger['route'] !== '' ? trigger['route'] : name;
  const template = [routePrefix, resolveSettings(given, name, settings).replace(/^\//, '')]
    .filter((part) => part !== '')
    .join('/');
  if (reserved.test(template)) {
    throw new StartError(
      `The route "${template}" of the function "${name}" is one of the host's own: choose one that does not begin with admin or runtime.`,
    );
  }
  return template;
}

function toDefinition(
  indexed: IndexedFunction,
  routePrefix: string,
  settings: NodeJS.ProcessEnv,
): RouteDefinition<HttpFunction> {
  const { name, trigger } = indexed;
  return {
    functionName: name,
    template: readTemplate(indexed, routePrefix, settings),
    methods: readMethods(name, trigger['methods']),
    target: { indexed, needsKey: readAuthLevel(name, trigger['authLevel'] ?? 'anonymous') },
  };
}

/** The routes of the functions with an HTTP trigger. Throws a StartError for one that cannot be served. */
export function routeFunctions(
  functions: IndexedFunction[],
  routePrefix: string,
  settings: NodeJS.ProcessEnv,
): (method: string, path: string[]) => RouteMatch<HttpFunction> | undefined {
  const definitions = functions
    .filter(({ kind }) => kind === 'http')
    .map((one) => toDefinition(one, routePrefix, settings));
  const match = createRoutes(definitions);
  return (method, path) => {
    const found = match(method, path);
    return found?.target.indexed.disabled === true ? undefined : found;
  };
}
