import { StartError } from './start-error.ts';
import { parseTemplate, type Segment } from './template.ts';

export type RouteDefinition<T> = { functionName: string; template: string; methods: string[]; target: T };
export type RouteMatch<T> = { target: T; params: Record<string, string> };

type Route<T> = {
  functionName: string;
  template: string;
  methods: string[];
  target: T;
  segments: Segment[];
  rank: string;
};

/** Literal before constrained parameter before parameter before catch-all, compared from the left; ASP.NET's inbound precedence. */
function rankOf(segment: Segment): string {
  if (segment.kind === 'literal') return '1';
  if (segment.catchAll) return segment.tests.length > 0 ? '4' : '5';
  return segment.tests.length > 0 ? '2' : '3';
}

/** Two routes with the same shape match the same paths, whatever their parameters are called. */
function shapeOf({ segments }: { segments: Segment[] }): string {
  return JSON.stringify(
    segments.map((segment) =>
      segment.kind === 'literal' ? segment.text : [rankOf(segment), segment.optional, ...segment.constraints],
    ),
  );
}

function refuseDuplicates<T>(routes: Route<T>[]): void {
  const taken = new Map<string, string>();
  for (const route of routes) {
    for (const method of route.methods) {
      const key = `${method} ${shapeOf(route)}`;
      const other = taken.get(key);
      if (other !== undefined) {
        throw new StartError(
          `The functions "${other}" and "${route.functionName}" both take ${method} /${route.template}. Change the route or the methods of one.`,
        );
      }
      taken.set(key, route.functionName);
    }
  }
}

function matchSegment(segment: Segment, value: string, params: Record<string, string>): boolean {
  if (segment.kind === 'literal') return segment.text === value.toLowerCase();
  if (value === '' || !segment.tests.every((test) => test(value))) return false;
  params[segment.name] = value;
  return true;
}

function matchCatchAll(
  segment: Segment & { kind: 'parameter' },
  value: string,
  params: Record<string, string>,
): boolean {
  if (value === '') return segment.tests.length === 0;
  return matchSegment(segment, value, params);
}

function matchRoute(segments: Segment[], path: string[]): Record<string, string> | undefined {
  const last = segments.at(-1);
  if (path.length > segments.length && !(last?.kind === 'parameter' && last.catchAll)) return undefined;
  // A parameter may be named like a member of Object.prototype.
  const params: Record<string, string> = Object.create(null);
  for (const [index, segment] of segments.entries()) {
    const value = path[index];
    if (segment.kind === 'parameter' && segment.catchAll)
      return matchCatchAll(segment, path.slice(index).join('/'), params) ? params : undefined;
    if (value === undefined) return segment.kind === 'parameter' && segment.optional ? params : undefined;
    if (!matchSegment(segment, value, params)) return undefined;
  }
  return params;
}

/**
 * Routes requests as ASP.NET does. A path is given as its decoded segments (see `splitPath`). A method that no function of a matching
 * route takes is no match, as in Azure, where the method is a constraint of the route. Throws a StartError for a template that cannot be
 * read and for two functions that take the same requests.
 */
export function createRoutes<T>(
  definitions: RouteDefinition<T>[],
): (method: string, path: string[]) => RouteMatch<T> | undefined {
  const routes = definitions.map((definition) => {
    const segments = parseTemplate(definition.template, definition.functionName);
    return { ...definition, segments, rank: segments.map(rankOf).join('') };
  });
  refuseDuplicates(routes);
  const ranked = routes.toSorted((a, b) => (a.rank < b.rank ? -1 : Number(a.rank > b.rank)));
  const byMethod = new Map<string, Route<T>[]>();
  for (const route of ranked)
    for (const method of route.methods) byMethod.set(method, [...(byMethod.get(method) ?? []), route]);

  return (method, path) => {
    for (const route of byMethod.get(method) ?? []) {
      const params = matchRoute(route.segments, path);
      if (params) return { target: route.target, params };
    }
    return undefined;
  };
}
