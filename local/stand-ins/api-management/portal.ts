import type { StandInRequest, StandInResponse } from '../server.ts';
import type { PortalSessions } from './portal-session.ts';
import type { Slot, Subscription } from './subscriptions.ts';

/** What the developer portal answers from. */
export type PortalOptions = {
  sessions: PortalSessions;
  subscriptions: readonly Subscription[];
  regenerate: (subscription: Subscription, slot: Slot) => void;
};

const portalApiVersion = '2022-04-01-preview';

/** Small, so that a client that does not follow `nextLink` is found out by the sample's three subscriptions. */
const pageSize = 2;

const userPath = /^\/users\/([^/]+)\/subscriptions(?:\/([^/]+)\/(regeneratePrimaryKey|regenerateSecondaryKey))?$/i;

/** The data API behind the developer portal: signing in, one's own subscriptions with their keys, and new keys. Every user owns every subscription. */
export function createPortal({
  sessions,
  subscriptions,
  regenerate,
}: PortalOptions): (request: StandInRequest) => StandInResponse {
  return ({ method, url, headers }) => {
    if (url.searchParams.get('api-version') !== portalApiVersion)
      return portalError(400, 'ValidationError', `The api-version must be '${portalApiVersion}'.`);
    const authorization = headers.authorization ?? '';
    const isSignIn = method === 'GET' && url.pathname === '/identity';
    const userId =
      sessions.checkSession(authorization) ?? (isSignIn ? sessions.checkPassword(authorization) : undefined);
    if (userId === undefined) return portalError(401, 'Unauthorized', 'Authorization is missing, wrong or expired.');
    const session = { 'Ocp-Apim-Sas-Token': sessions.open(userId) };
    if (isSignIn) return { status: 200, headers: session, body: { id: userId } };
    const answer = answerUser(userId, method, url);
    return { ...answer, headers: session };
  };

  function answerUser(userId: string, method: string, url: URL): StandInResponse {
    const [, user, sid, action] = userPath.exec(url.pathname) ?? [];
    if (user === undefined) return portalError(404, 'ResourceNotFound', 'Resource not found.');
    if (user !== userId) return portalError(403, 'Forbidden', 'Another user.');
    if (sid === undefined) return method === 'GET' ? page(subscriptions, url) : notAllowed();
    const subscription = subscriptions.find((each) => each.sid === sid);
    if (!subscription) return portalError(404, 'ResourceNotFound', 'Subscription not found.');
    if (method !== 'POST') return notAllowed();
    regenerate(subscription, action?.toLowerCase() === 'regenerateprimarykey' ? 'primary' : 'secondary');
    return { status: 204 };
  }
}

function page(subscriptions: readonly Subscription[], url: URL): StandInResponse {
  const skip = Number(url.searchParams.get('$skip') ?? 0);
  if (!Number.isSafeInteger(skip) || skip < 0) return portalError(400, 'ValidationError', '$skip must be a number.');
  const next = new URL(url);
  next.searchParams.set('$skip', String(skip + pageSize));
  const hasMore = skip + pageSize < subscriptions.length;
  return {
    status: 200,
    body: {
      value: subscriptions.slice(skip, skip + pageSize).map((each) => describe(each)),
      count: subscriptions.length,
      ...(hasMore && { nextLink: next.href }),
    },
  };
}

function describe(subscription: Subscription): object {
  const { primary, secondary } = subscription.keys();
  return {
    id: subscription.sid,
    name: subscription.displayName,
    scope: `/products/${subscription.product}`,
    state: subscription.state(),
    createdDate: subscription.created.toISOString(),
    primaryKey: primary,
    secondaryKey: secondary,
  };
}

function notAllowed(): StandInResponse {
  return portalError(405, 'MethodNotAllowed', 'The requested resource does not support this HTTP method.');
}

function portalError(status: number, code: string, message: string): StandInResponse {
  return { status, body: { error: { code, message } } };
}
