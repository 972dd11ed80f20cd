import { canReplay } from './replay.ts';

/** What is sent, and where to. */
export type Call = { readonly url: string; readonly init: RequestInit };

const statuses = new Set([301, 302, 303, 307, 308]);
/** Of a body that is not sent on. */
const contentHeaders = ['content-encoding', 'content-language', 'content-length', 'content-location', 'content-type'];

/**
 * Where an answer redirects a call to, as fetch's standard has it (HTTP-redirect fetch). `undefined` for what is no redirect, and for one that
 * is not followed: to another origin, or with a body that cannot be sent again.
 */
export function redirected({ url, init }: Call, { status, headers }: Response): Call | undefined {
  const location = headers.get('location');
  const target = statuses.has(status) && location !== null ? resolve(location, url) : undefined;
  if (!target) return undefined;
  const { method = 'GET', body, ...rest } = init;
  const isPost = method.toUpperCase() === 'POST';
  const becomesGet = status === 303 ? !/^(GET|HEAD)$/i.test(method) : status < 303 && isPost;
  if (!becomesGet) return canReplay(body) ? { url: target, init } : undefined;
  const kept = new Headers(init.headers);
  for (const name of contentHeaders) kept.delete(name);
  return { url: target, init: { ...rest, method: 'GET', headers: kept } };
}

/** `undefined` for another origin, and for what is no URL that may be called. */
function resolve(location: string, from: string): string | undefined {
  try {
    const target = new URL(location, from);
    return target.origin === new URL(from).origin && !target.username && !target.password ? target.href : undefined;
  } catch {
    return undefined;
  }
}
