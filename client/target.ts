import { BrokerError } from './error.ts';

/** `..`, also where a server drops blanks and what follows a semicolon; and `%u002e`, another way to write a character, to IIS. */
const dotSegment = /(^|[/\\])\.{1,2}\s*(;[^/\\]*)?([/\\]|$)|%u[\da-f]{4}/i;
// oxlint-disable-next-line no-control-regex -- a URL's parser drops some of them, so that what is left means something else
const refused = /^[a-z][a-z\d+.-]*:|^[/\\]{2}|[\\\u0000-\u001F\u007F]/i;

/**
 * Resolves a path, with its query, against an API's base URL.
 *
 * @throws {BrokerError} `path-refused` where it is a URL, or leaves the base URL, also for a server that undoes escapes once more.
 */
export function targetOf(baseUrl: string, path: string): string {
  if (typeof path !== 'string' || refused.test(path)) refusePath();
  const base = new URL(baseUrl).href.replace(/\/+$/, '');
  const { origin, pathname, href } = new URL(`${base}${/^([/?#]|$)/.test(path) ? '' : '/'}${path}`);
  // No path of another begins so: a host ends at the slash.
  if (!`${origin}${pathname}/`.startsWith(`${base}/`) || hasHiddenDots(pathname)) refusePath();
  return href;
}

/** The parser has resolved those in the open, so that what is left stands in escapes, or in look-alikes that some server makes dots of. */
function hasHiddenDots(pathname: string): boolean {
  try {
    for (let text = pathname; ;) {
      const decoded = decodeURIComponent(text);
      if (dotSegment.test(decoded.normalize('NFKC'))) return true;
      // A percent sign that came out of an escape is one.
      const next = decoded.replace(/%(?![\da-f]{2})/gi, '%25');
      if (next === text) return false;
      text = next;
    }
  } catch {
    // Escapes that are not UTF-8: an overlong dot is a dot to some.
    return true;
  }
}

function refusePath(): never {
  throw new BrokerError('path-refused', 'The path is a URL, or leaves the API’s base URL. Begin it with one slash.');
}
