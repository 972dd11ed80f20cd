import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { sendEmpty, sendJson } from './http.ts';
import { readQuery, type Target } from './target.ts';

/** Somebody who can sign in. */
export type Person = {
  name: string;
  objectId: string;
  tenantId: string;
  /** The registration that they sign in to. */
  audience: string;
  roles: readonly string[];
};

type Headers = Record<string, string>;
type Claim = { typ: string; val: string };

/** App Service authentication, as far as an app that lets anonymous requests through sees it. */
export type SignIn = {
  /** Takes away what only the platform may write, and writes it for somebody who has signed in. */
  identify(headers: Headers): Headers;
  /** Answers what is under `/.auth`. @param path decoded, `.auth` first. */
  answer(response: ServerResponse, method: string, path: string[], target: Target, headers: Headers): void;
};

const cookieName = 'AppServiceAuthSession';
/** More than anybody needs here; the oldest is signed out. */
const mostSessions = 100;

/**
 * Plays App Service authentication with Entra as its one provider, without a password.
 *
 * @see https://learn.microsoft.com/azure/app-service/configure-authentication-user-identities
 * @see https://learn.microsoft.com/azure/app-service/configure-authentication-customize-sign-in-out
 */
export function createSignIn(people: readonly Person[]): SignIn {
  const sessions = new Map<string, Person>();
  const personOf = (headers: Headers) => sessions.get(readCookie(headers) ?? '');

  const signIn = (response: ServerResponse, query: Headers): void => {
    const name = query['as'] ?? people[0]?.name;
    const person = people.find((one) => one.name === name);
    if (!person)
      return sendJson(response, 400, { error: `Sign in as one of ${people.map((one) => one.name).join(', ')}.` });
    const to = toLocalPath(query['post_login_redirect_uri'] ?? '/.auth/login/done');
    if (to === undefined) return refuseRedirect(response, 'post_login_redirect_uri');
    const [oldest] = sessions.keys();
    if (oldest !== undefined && sessions.size >= mostSessions) sessions.delete(oldest);
    const session = randomBytes(24).toString('base64url');
    sessions.set(session, person);
    return redirect(response, to, writeCookie(session));
  };

  const signOut = (response: ServerResponse, query: Headers, headers: Headers): void => {
    const to = toLocalPath(query['post_logout_redirect_uri'] ?? '/.auth/logout/complete');
    if (to === undefined) return refuseRedirect(response, 'post_logout_redirect_uri');
    sessions.delete(readCookie(headers) ?? '');
    return redirect(response, to, `${writeCookie('')}; max-age=0`);
  };

  const me = (response: ServerResponse, headers: Headers): void => {
    const person = personOf(headers);
    if (!person) return sendEmpty(response, 401);
    return sendJson(response, 200, [
      { provider_name: 'aad', user_id: addressOf(person), user_claims: claimsOf(person) },
    ]);
  };

  return {
    identify: (headers) => {
      const person = personOf(headers);
      const kept = Object.entries(headers).filter(([name]) => !/^x-ms-(client-principal|token-)/.test(name));
      return { ...Object.fromEntries(kept), ...(person && principalHeaders(person)) };
    },
    answer: (response, method, path, { search }, headers) => {
      const call = `${method} ${path.slice(1).join('/').toLowerCase()}`;
      const query = readQuery(search);
      if (call === 'GET login/aad') signIn(response, query);
      else if (call === 'GET logout') signOut(response, query, headers);
      else if (call === 'GET me') me(response, headers);
      else if (call === 'GET login/done') sendText(response, 'You are signed in.');
      else if (call === 'GET logout/complete') sendText(response, 'You are signed out.');
      else sendEmpty(response, 404);
    },
  };
}

function principalHeaders(person: Person): Headers {
  const principal = {
    auth_typ: 'aad',
    claims: claimsOf(person),
    name_typ: 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress',
    role_typ: 'http://schemas.microsoft.com/ws/2008/06/identity/claims/role',
  };
  return {
    'x-ms-client-principal': Buffer.from(JSON.stringify(principal)).toString('base64'),
    'x-ms-client-principal-id': person.objectId,
    'x-ms-client-principal-name': addressOf(person),
    'x-ms-client-principal-idp': 'aad',
  };
}

/** Names that .NET maps are long, the others as they are in the token. */
function claimsOf(person: Person): Claim[] {
  const { name, objectId, tenantId, audience, roles } = person;
  return [
    { typ: 'aud', val: audience },
    { typ: 'iss', val: `https://login.microsoftonline.com/${tenantId}/v2.0` },
    { typ: 'name', val: name },
    { typ: 'http://schemas.microsoft.com/identity/claims/objectidentifier', val: objectId },
    { typ: 'preferred_username', val: addressOf(person) },
    ...roles.map((val) => ({ typ: 'roles', val })),
    { typ: 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/nameidentifier', val: objectId },
    { typ: 'http://schemas.microsoft.com/identity/claims/tenantid', val: tenantId },
    { typ: 'ver', val: '2.0' },
  ];
}

function addressOf({ name }: Person): string {
  return `${name}@example.com`;
}

/** A path of this host, and nothing that a browser takes for another's. */
function toLocalPath(uri: string): string | undefined {
  const base = 'http://localhost';
  if (!uri.startsWith('/') || !URL.canParse(uri, base)) return undefined;
  const { origin, pathname, search, hash } = new URL(uri, base);
  // `/.//x`, too, becomes `//x`.
  return origin === base && !pathname.startsWith('//') ? `${pathname}${search}${hash}` : undefined;
}

function refuseRedirect(response: ServerResponse, name: string): void {
  sendJson(response, 400, { error: `${name} takes a path of this host, such as /dashboard.` });
}

function redirect(response: ServerResponse, location: string, cookie: string): void {
  response.writeHead(302, { location, 'set-cookie': cookie, 'cache-control': 'no-store', 'content-length': '0' }).end();
}

function sendText(response: ServerResponse, text: string): void {
  response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' }).end(`${text}\n`);
}

function writeCookie(session: string): string {
  return `${cookieName}=${session}; path=/; httponly; samesite=lax`;
}

function readCookie({ cookie = '' }: Headers): string | undefined {
  // Repeated headers arrive joined with a comma.
  const pairs = cookie.split(/[;,]\s*/).map((pair) => pair.split('='));
  return pairs.find(([name]) => name === cookieName)?.[1];
}
