import type { HttpCookie } from './rpc.ts';

const sameSites = { none: undefined, lax: 'lax', strict: 'strict', explicitNone: 'none' } as const;

/** A `Set-Cookie` value as ASP.NET writes it: name and value percent-encoded, `path=/` unless the app says otherwise. */
export function writeCookie(cookie: HttpCookie): string {
  const expires = cookie.expires?.value && new Date(cookie.expires.value.seconds * 1000).toUTCString();
  const sameSite = sameSites[cookie.sameSite ?? 'none'];
  const maxAge = cookie.maxAge?.value;
  return [
    `${encodeURIComponent(cookie.name)}=${encodeURIComponent(cookie.value)}`,
    expires !== undefined && `expires=${expires}`,
    maxAge !== undefined && `max-age=${Math.trunc(maxAge)}`,
    cookie.domain?.value !== undefined && `domain=${cookie.domain.value}`,
    `path=${cookie.path?.value ?? '/'}`,
    cookie.secure?.value === true && 'secure',
    sameSite !== undefined && `samesite=${sameSite}`,
    cookie.httpOnly?.value === true && 'httponly',
  ]
    .filter((part) => part !== false)
    .join('; ');
}
