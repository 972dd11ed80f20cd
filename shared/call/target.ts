import { BrokerError } from '../errors.ts';
import { namePattern } from '../names.ts';

/** What a call asks for: an API's name, and what is added to its `baseUrl`, each as it was written. */
export type Target = { readonly api: string; readonly path: string; readonly query: string };

/** Decoding more often than any chain of proxies does. */
const mostDecodings = 4;

/**
 * Reads what a call asks for from its URL. Not from the host's parameters: those are decoded, and so no longer say what was sent.
 *
 * @throws {BrokerError} `invalid-request` for a path that some server may take for another one.
 */
export function readTarget(url: string): Target {
  const [, pathname = '', search = ''] = /^[a-z]+:\/\/[^/?#]*([^?#]*)([^#]*)/i.exec(url) ?? [];
  const [, api = '', path = ''] = /^\/v1\/call\/([^/]*)(\/.*)?$/is.exec(pathname) ?? [];
  if (!namePattern.test(api)) throw new BrokerError('api-malformed');
  if (!isPlain(path)) throw new BrokerError('call-path-refused');
  return { api, path, query: withoutKey(search) };
}

/**
 * Whether a path means the same however often it is decoded: no dot segment, no empty one, no slash, backslash or control character that comes
 * out later, nor one that a server might make of a look-alike. RFC 3986, section 7.3.
 */
function isPlain(path: string): boolean {
  const segments = path.split('/').length;
  let decoded = path;
  for (let times = 0; times <= mostDecodings; times += 1) {
    if (decoded.split('/').length !== segments || !isSafe(decoded) || !isSafe(decoded.normalize('NFKC'))) return false;
    const next = decode(decoded);
    if (next === undefined) return false;
    if (next === decoded) return true;
    decoded = next;
  }
  return false;
}

function isSafe(path: string): boolean {
  // `%u002e` is a dot to some servers of Microsoft's (http.sys, "PercentUAllowed").
  if (/[\\\p{Cc}]|%u[0-9a-f]{4}/iu.test(path) || path.includes('//')) return false;
  // Some servers drop what follows a semicolon, and then see a dot segment.
  return path.split('/').every((segment) => !/^\.{1,2}\s*(;.*)?$/s.test(segment));
}

/** `undefined` for what is not percent-encoded UTF-8: an overlong dot is a dot to some. A percent sign that came out of `%25` is one, not an escape. */
function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll(/%(?![0-9a-f]{2})/gi, '%25'));
  } catch {
    return undefined;
  }
}

/** API Management takes a key from this parameter, too. */
const keyParameter = 'subscription-key';

function withoutKey(search: string): string {
  const kept = search
    .slice(1)
    .split('&')
    .filter((part) => part !== '' && !nameOf(part).includes(keyParameter));
  return kept.length === 0 ? '' : `?${kept.join('&')}`;
}

function nameOf(part: string): string {
  const [name = ''] = Array.from(new URLSearchParams(part).keys());
  return name.toLowerCase();
}
