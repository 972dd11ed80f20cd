import { BrokerError } from '../errors.ts';
import type { Answer } from './answer.ts';
import { dashboardFiles, type DashboardFile } from './dashboard/files.ts';
import type { AuthenticateOperator } from './operator.ts';
import type { Route } from './serve.ts';

type Dependencies = { authenticate: AuthenticateOperator };
type Options = {
  /** Whether the platform signs people in (App Service authentication), so that a browser can be sent there. */
  isSignInOn: boolean;
};

/** Where App Service authentication signs somebody in, and sends them back from. */
const signIn = '/.auth/login/aad?post_login_redirect_uri=/dashboard';

/**
 * The page runs its own script and talks to its own origin: nothing is loaded from elsewhere or sent there, nothing frames it, and no text
 * becomes markup (Trusted Types).
 */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self'",
  "worker-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

/**
 * `GET /dashboard`: a page that holds no data; it asks `/v1/status` for that, as the same operator. Where the platform signs people in, somebody
 * who is not signed in is sent there, and somebody without the app role is told so on a page. Elsewhere both get the problem document.
 */
export function createDashboardRoute({ authenticate }: Dependencies, { isSignInOn }: Options): Route {
  return async ({ request }, signal) => {
    try {
      await authenticate(request, 'read', {}, signal);
      return pageAnswer('page.html');
    } catch (error) {
      const code = isSignInOn && error instanceof BrokerError ? error.code : undefined;
      if (code === 'missing-token') return { status: 302, headers: { Location: signIn }, body: '' };
      // A person of another tenant, too, is signed in.
      if (code === 'forbidden' || (code === 'invalid-token' && !request.headers.has('authorization')))
        return pageAnswer('forbidden.html', 403);
      throw error;
    }
  };
}

function pageAnswer(file: DashboardFile, status = 200): Answer {
  const headers = {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy': contentSecurityPolicy,
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Opener-Policy': 'same-origin',
  };
  return { status, headers, body: dashboardFiles[file] };
}

const contentTypes: readonly [ending: string, contentType: string][] = [
  ['.js', 'text/javascript; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
  ['.svg', 'image/svg+xml; charset=utf-8'],
];

/** `GET /dashboard/{asset}`: what the page is made of, for anyone: it tells nothing of this deployment. */
export function createDashboardAssetRoute(): Route {
  const answers = new Map(
    Object.entries(dashboardFiles).flatMap(([name, body]) => {
      const contentType = contentTypes.find(([ending]) => name.endsWith(ending))?.[1];
      return contentType === undefined ? [] : [[name, assetAnswer(contentType, body)] as const];
    }),
  );
  return async ({ request }) => {
    const answer = answers.get(request.params['asset'] ?? '');
    if (!answer) throw new BrokerError('route-unknown');
    return answer;
  };
}

function assetAnswer(contentType: string, body: string): Answer {
  return { status: 200, headers: { 'Content-Type': contentType, 'Cross-Origin-Resource-Policy': 'same-origin' }, body };
}
