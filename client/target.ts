import { BrokerError } from './error.ts';

/** `..`, also where a server ignores what follows a semicolon. */
const dotSegment = /(^|[/\\])\.{1,2}(;[^/\\]*)?([/\\]|$)/;
// oxlint-disable-next-line no-control-regex -- a URL's parser drops some of them, so that what is left means something else
const refused = /^[a-z][a-z\d+.-]*:|^[/\\]{2}|[\\\u0000-\u001F\u007F]/i;

/**
 * Resolves a path, with its query, against an API's base URL.
 *
 * @throws {BrokerError} `path-refused` where it is a URL, or leaves the base URL, also for a server that undoes escapes once more.
 */
export function targetOf(baseUrl: string, path: string): string {
  if (typeof path !== 'string' || refused.test(path)) refusePath();
  const base = new URL(baseUrl);
  const below = base.pathname.replace(/\/+$/, '');
  const url = new URL(`${base.origin}${below}${/^([/?#]|$)/.test(path) ? '' : '/'}${path}`);
  const { pathname } = url;
  const isBelow = pathname === below || pathname.startsWith(`${below}/`) || below === '';
  if (!isBelow || url.origin !== base.origin || hasHiddenDots(pathname)) refusePath();
  return url.href;
}

/** The parser has resolved those in the open, so that what is left stands in escapes. */
function hasHiddenDots(pathname: string): boolean {
  let text = pathname;
  for (;;) {
    if (dotSegment.test(text)) return true;
    const next = decode(text);
    if (next === undefined) return text === pathname;
    if (next === text) return false;
    text = next;
  }
}

/** `undefined` for escapes that are not UTF-8. */
function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function refusePath(): never {
  throw new BrokerError('path-refused', 'The path is a URL, or leaves the API’s base URL. Begin it with one slash.');
}
