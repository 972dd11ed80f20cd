const loopback = /^(127(\.\d{1,3}){3}|localhost|\[::1\])$/;

/** What the URL parser would mend or drop is refused: the text is handed on as it is written. */
const written = /^https?:\/\/[^\s/?#@*\\]+(\/[^?#@*\\]*)?$/i;
const visible = /^[\x21-\x7e]+$/;

/**
 * Whether credentials may travel to a URL: https, or http that does not leave the machine (the exception of RFC 8252, section 7.3), with
 * nothing in it that could hold or shift a credential.
 */
export function isSafeUrl(text: string): boolean {
  const url = visible.test(text) && written.test(text) ? URL.parse(text) : null;
  if (!url) return false;
  return url.protocol === 'https:' || loopback.test(url.hostname);
}

/** Whether a URL is that of a service as a whole: https, and nothing behind the host and port but a slash. */
export function isHttpsOrigin(text: string): boolean {
  const url = isSafeUrl(text) ? new URL(text) : undefined;
  return url?.protocol === 'https:' && url.pathname === '/';
}

/** The same URL without a slash at its end. */
export function withoutTrailingSlash(url: string): string {
  return url.replace(/\/+$/, '');
}
