/** A request line's target, split but not yet decoded. */
export type Target = { path: string; search: string };

/** Splits a request target (RFC 9112, section 3.2) in origin or absolute form; `undefined` for anything else. */
export function splitTarget(target: string): Target | undefined {
  if (target.includes('#')) return undefined;
  const origin = target.startsWith('/') ? target : /^https?:\/\/[^/?]+(.*)$/i.exec(target)?.[1];
  if (origin === undefined) return undefined;
  const mark = origin.indexOf('?');
  const path = mark < 0 ? origin : origin.slice(0, mark);
  return { path: path === '' ? '/' : path, search: mark < 0 ? '' : origin.slice(mark) };
}

function decodeRun(run: string): string {
  try {
    return decodeURIComponent(run);
  } catch {
    return run;
  }
}

/**
 * The decoded segments of a path, as Kestrel makes them: `%2F` stays as it is, bytes that are not UTF-8 stay as they are, `.` and `..` are
 * resolved, one slash at the end does not count. `undefined` where the path holds a NUL, which Kestrel refuses.
 */
export function splitPath(path: string): string[] | undefined {
  const decoded = path.includes('%') ? path.replaceAll(/(?:%(?!2f)[0-9a-f]{2})+/gi, decodeRun) : path;
  if (decoded.includes('\0')) return undefined;
  const segments = decoded.slice(1).split('/');
  if (segments.at(-1) === '') segments.pop();
  return decoded.includes('/.') ? resolveDots(segments) : segments;
}

function resolveDots(segments: string[]): string[] {
  const resolved: string[] = [];
  for (const segment of segments) {
    if (segment === '..') resolved.pop();
    else if (segment !== '.') resolved.push(segment);
  }
  return resolved;
}

const noQuery: Record<string, string> = Object.freeze({});

/**
 * A query as Azure hands it to `@azure/functions`: keys without regard to case, the values of a repeated key joined with a comma. An app
 * that must tell `?a=1&a=2` from `?a=1,2` reads the request's url.
 */
export function readQuery(search: string): Record<string, string> {
  if (search.length < 2) return noQuery;
  const query: Record<string, string> = Object.create(null);
  const names = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(search)) {
    const known = names.get(name.toLowerCase());
    if (known === undefined) names.set(name.toLowerCase(), name);
    query[known ?? name] = known === undefined ? value : `${query[known]},${value}`;
  }
  return query;
}
