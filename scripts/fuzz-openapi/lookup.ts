import { createRoutes } from '../../local/host/routes.ts';
import { splitPath, splitTarget } from '../../local/host/target.ts';
import type { OpenApiDocument, Operation, PathItem, Response } from '../openapi/types.ts';

/** What a document says of a request: the operation, or what answers where there is none. */
export type Expectation =
  /** The platform answers, without the broker. */
  | { readonly kind: 'platform' }
  | { readonly kind: 'path'; readonly response: Response }
  | { readonly kind: 'method'; readonly response: Response; readonly allow: readonly string[] }
  | { readonly kind: 'operation'; readonly name: string; readonly operation: Operation };

/** What the platform hands to the broker's functions. */
const known = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Finds what a document describes for a method and a request target, by the host's rules for paths. */
export function createLookup({
  paths,
  'x-undescribed': undescribed,
}: OpenApiDocument): (method: string, target: string) => Expectation {
  const definitions = Object.entries(paths).map(([path, item]) => ({
    functionName: path,
    template: path.slice(1),
    methods: ['any'],
    target: { path, item },
  }));
  const match = createRoutes<{ path: string; item: PathItem }>(definitions);

  return (method, target) => {
    const split = splitTarget(target);
    const segments = split && splitPath(split.path);
    if (!segments || !known.has(method) || segments[0]?.toLowerCase() === 'admin') return { kind: 'platform' };
    const found = match('any', segments)?.target;
    if (!found) return { kind: 'path', response: undescribed.path };
    const operation = Object.entries(found.item).find(([each]) => each.toUpperCase() === method)?.[1];
    if (operation) return { kind: 'operation', name: `${method} ${found.path}`, operation };
    const allow = Object.keys(found.item).map((each) => each.toUpperCase());
    return { kind: 'method', response: undescribed.method, allow };
  };
}
