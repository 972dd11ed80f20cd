import { BrokerError } from './error.ts';

/** `..`, also where a server drops blanks, and what follows a semicolon. */
const dotSegment = /(^|[/\\])\.{1,2}\s*(;[^/\\]*)?([/\\]|$)/;
/** Another way to write a character, to IIS. */
const wideEscape = /%u[\da-f]{4}/i;
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

/** The parser has resolved those in the open, so that what is left stands in escapes, or in look-alikes that some server makes dots of. */
function hasHiddenDots(pathname: string): boolean {
  if (!isWellFormed(pathname)) return true;
  for (let text = pathname; ;) {
    if (dotSegment.test(text.normalize('NFKC')) || wideEscape.test(text)) return true;
    // A percent sign that came out of an escape is one.
    const plain = text.replace(/%(?![\da-f]{2})/gi, '%25');
    if (!isWellFormed(plain)) return true;
    const next = decodeURIComponent(plain);
    if (next === text) return false;
    text = next;
  }
}

/** Whether its escapes are UTF-8: an overlong dot is a dot to some. */
function isWellFormed(text: string): boolean {
  try {
    return decodeURIComponent(text) !== '';
  } catch {
    return false;
  }
}

function refusePath(): never {
  throw new BrokerError('path-refused', 'The path is a URL, or leaves the API’s base URL. Begin it with one slash.');
}
