const loopback = /^(127(\.\d{1,3}){3}|localhost|\[::1\])$/;

/**
 * Whether credentials may travel to a URL: https, or http that does not leave the machine (the exception of RFC 8252, section 7.3), with
 * nothing in it that could hold or shift a credential.
 */
export function isSafeUrl(text: string): boolean {
  const url = URL.parse(text);
  if (!url || /[\s*\\]/.test(text)) return false;
  const isEncrypted = url.protocol === 'https:' || (url.protocol === 'http:' && loopback.test(url.hostname));
  return isEncrypted && !url.username && !url.password && !text.includes('?') && !text.includes('#');
}

/** The same URL without a slash at its end. */
export function withoutTrailingSlash(url: string): string {
  return url.replace(/\/+$/, '');
}
