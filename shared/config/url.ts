const loopback = /^(127(\.\d{1,3}){3}|localhost|\[::1\])$/;

/**
 * Whether credentials may travel to a URL: https, or http that does not leave the machine (the exception of RFC 8252, section 7.3), with
 * nothing in it that could hold or shift a credential. It must be written as the URL parser would write it: the text is handed on as it is, and
 * other parsers mend it in other ways.
 */
export function isSafeUrl(text: string): boolean {
  const url = /[?#@*\\]/.test(text) ? null : URL.parse(text);
  if (!url || ![text, `${text}/`].some((written) => written.toLowerCase() === url.href.toLowerCase())) return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && loopback.test(url.hostname));
}

/** Whether a URL is that of a service as a whole: https, and nothing behind the host and port but a slash. */
export function isHttpsOrigin(text: string): boolean {
  return /^https:\/\/[^\s/?#@*\\]+\/?$/i.test(text) && URL.canParse(text);
}

/** Whether a text is meant as a URL, right or wrong, and not as the path of a file. */
export function isUrl(text: string): boolean {
  return /^\s*[a-z][a-z\d+.-]+:\/\//i.test(text);
}

/** Whether a URL is that of a blob: https, a container and a name in it, and no query, in which a SAS token would be. */
export function isBlobUrl(text: string): boolean {
  return isSafeUrl(text) && /^https:\/\/[^/]+(\/[^/]+){2,}$/i.test(text);
}

/** The same URL without a slash at its end. */
export function withoutTrailingSlash(url: string): string {
  return url.replace(/\/+$/, '');
}
