import type { Clock } from '../clock.ts';
import { BrokerError } from '../errors.ts';
import type { Named } from '../names.ts';
import type { KeyAuthority, ListedKeys } from '../rotation/ports.ts';
import { ask, expectSuccess, regenerateOnce, type AuthorityAnswer } from './authority-request.ts';
import { asMembers } from './json.ts';
import { readMembers, toListedKeys } from './listed-keys.ts';
import {
  createPortalSessions,
  portalApiVersion,
  toAuthorization,
  type PortalOptions,
  type PortalSession,
} from './portal-session.ts';

/** A developer portal, signed in to as one user. */
export type Portal = {
  /** The keys of one of the user's subscriptions, by its id there. All share the session. */
  authorityOf(subscriptionId: string): KeyAuthority;
};

const regenerateAction = { primary: 'regeneratePrimaryKey', secondary: 'regenerateSecondaryKey' } as const;
/** A user with more pages of subscriptions than this is a portal that never says that a page is the last. */
const mostPages = 100;
const suspended = 'suspended' as Named<'upstream-error'>;

/**
 * The keys of API Management subscriptions through the data API of its developer portal: for a client of somebody else's service. The API is the
 * one that the portal's own pages use (Azure/api-management-developer-portal).
 *
 * `list` throws `vault-…` and `identity-…` as well, where the password cannot be read. When the portal does not take a session any more, `list`
 * signs in once more; `regenerate` is refused, because it never sends a second request, and the next call signs in.
 */
export function createPortal(clock: Clock, options: PortalOptions): Portal {
  const { url, upstreamTimeoutMs: limitMs } = options;
  const sessions = createPortalSessions(clock, options);

  const get = (address: URL, session: PortalSession, signal: AbortSignal) =>
    ask('GET', { url: address, headers: toAuthorization(session) }, { clock, limitMs, signal });

  const getSignedIn = async (toAddress: (userId: string) => URL, signal: AbortSignal): Promise<AuthorityAnswer> => {
    const session = await sessions.get(signal);
    const answer = await get(toAddress(session.userId), session, signal);
    if (answer.status !== 401) return answer;
    sessions.drop(session);
    const renewed = await sessions.get(signal);
    return get(toAddress(renewed.userId), renewed, signal);
  };

  const list = async (subscriptionId: string, signal: AbortSignal): Promise<ListedKeys> => {
    const first = (userId: string) => addressOf(`${url}/users/${encodeURIComponent(userId)}/subscriptions`);
    let toAddress = first;
    for (let page = 0; page < mostPages; page += 1) {
      const answer = await getSignedIn(toAddress, signal);
      expectSuccess(answer, clock);
      const { value, nextLink } = readMembers(answer.text);
      const found = findSubscription(value, subscriptionId);
      if (found) return toKeys(found);
      const next = toNextPage(nextLink, url);
      toAddress = () => next;
    }
    throw new BrokerError('authority-refused');
  };

  const prepare = async (subscriptionId: string, action: string, signal: AbortSignal) => {
    const session = await sessions.get(signal);
    const path = ['users', session.userId, 'subscriptions', subscriptionId, action].map(encodeURIComponent).join('/');
    return {
      url: addressOf(`${url}/${path}`),
      headers: toAuthorization(session),
      onUnauthorized: () => sessions.drop(session),
    };
  };

  return {
    authorityOf: (subscriptionId) => ({
      isManual: false,
      list: (signal) => list(subscriptionId, signal).catch(fail),
      regenerate: (slot, signal, mayStillSend) =>
        regenerateOnce(() => prepare(subscriptionId, regenerateAction[slot], signal), mayStillSend, { clock, signal }),
    }),
  };
}

function addressOf(text: string): URL {
  const address = new URL(text);
  address.searchParams.set('api-version', portalApiVersion);
  return address;
}

function findSubscription(page: unknown, subscriptionId: string): Readonly<Record<string, unknown>> | undefined {
  const entries = Array.isArray(page) ? page.map(asMembers) : [];
  return entries.find((each) => each?.['id'] === subscriptionId);
}

/** @throws {BrokerError} `authority-refused` for a subscription that is not in use, such as one that is suspended; and for half of its keys. */
function toKeys({ state, primaryKey, secondaryKey }: Readonly<Record<string, unknown>>): ListedKeys {
  // The portal's code writes its states with and without a capital letter.
  const is = typeof state === 'string' ? state.toLowerCase() : '';
  if (is !== 'active') throw new BrokerError('authority-refused', is === 'suspended' ? { upstream: suspended } : {});
  return toListedKeys(primaryKey, secondaryKey);
}

/**
 * Where the next page is.
 *
 * @throws {BrokerError} `authority-refused` when there is none, so that the subscription does not exist; and when it would take the session to
 *   another origin.
 */
function toNextPage(nextLink: unknown, portalUrl: string): URL {
  const next = typeof nextLink === 'string' && nextLink !== '' ? URL.parse(nextLink, `${portalUrl}/`) : null;
  if (next?.origin !== new URL(portalUrl).origin) throw new BrokerError('authority-refused');
  return addressOf(next.href);
}

/** An abort throws whatever its signal says. */
function fail(error: unknown): never {
  throw error instanceof BrokerError ? error : new BrokerError('authority-unavailable');
}
