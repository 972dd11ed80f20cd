import type { CallerEntry } from '../callers/policy.ts';
import { fromApiHeaders, toApiHeaders } from '../call/headers.ts';
import type { CallPlaces } from '../call/places.ts';
import type { ApiAnswer, CallApi } from '../call/ports.ts';
import { readTarget } from '../call/target.ts';
import type { Clock } from '../clock.ts';
import type { HeaderSets } from '../credentials/header-set.ts';
import { BrokerError } from '../errors.ts';
import type { Answer } from './answer.ts';
import { noteSet, type Admission, type Offer } from './asked.ts';
import type { Decide } from './audited.ts';
import { readBytes } from './body.ts';
import type { DecidedCall, Repeat } from './call-repeat.ts';
import type { Route } from './serve.ts';

/** Of a request's body, in bytes. */
const longestCallBody = 4_194_304;

type Dependencies = Admission & {
  clock: Clock;
  headerSets: HeaderSets;
  places: CallPlaces;
  /** Whether the configuration lets the broker call this API for this caller. */
  mayCall: (caller: CallerEntry, offer: Offer) => boolean;
};

/** Decides on `ANY /v1/call/{api}/{*path}`: everything that is said of a call before it is made. */
export function createCallDecision({
  clock,
  authenticate,
  policy,
  offers,
  headerSets,
  places,
  mayCall,
}: Dependencies): Decide<DecidedCall> {
  return async (exchange, facts, signal) => {
    const { request } = exchange;
    const caller = await authenticate(request, facts, signal);
    const { api, path, query } = readTarget(request.url);
    // The library resolves dots in a URL; then the host has read another name than stands there now.
    if (request.params['api'] !== api) throw new BrokerError('call-path-refused');
    const offer = offers.get(api);
    if (offer) facts.api = offer.api;
    policy.authorise(caller, api);
    if (!offer || !mayCall(caller, offer)) throw new BrokerError('call-not-allowed');
    places.enter(exchange, offer.api);
    const body = await readBytes(request, longestCallBody, 'call-body-too-long');
    const set = await headerSets.handOut(offer.plain, signal);
    noteSet(facts, set, clock.wall());
    const headers = toApiHeaders(Array.from(request.headers));
    const url = toUrl(offer, path, query);
    const call = { url, method: request.method, headers, credentials: set.headers, body };
    return { call, requirement: offer.plain, set, facts };
  };
}

/** Makes the call that was decided on, once its record is accepted; and once more, where it was refused for a credential that is renewed by now. */
export function createCallRoute(
  decide: (...exchange: Parameters<Route>) => Promise<DecidedCall>,
  repeat: Repeat,
  { callApi, places }: { callApi: CallApi; places: CallPlaces },
): Route<Uint8Array> {
  return async (exchange, signal) => {
    try {
      const decided = await decide(exchange, signal);
      const answer = await callApi(decided.call, signal);
      const again = await repeat(decided, answer, exchange, signal);
      return toAnswer(again ? await callApi(again, signal) : answer);
    } finally {
      places.leave(exchange);
    }
  };
}

function toAnswer({ status, headers, body }: ApiAnswer): Answer<Uint8Array> {
  return { status, headers: fromApiHeaders(headers), body };
}

/** What `readTarget` let pass stays below `baseUrl`; here the address that will be called is held to it. */
function toUrl({ baseUrl }: Offer, path: string, query: string): URL {
  const base = new URL(baseUrl);
  const url = new URL(`${baseUrl}${path}${query}`);
  const root = base.pathname.replace(/\/$/, '');
  const isBelow = url.pathname === base.pathname || url.pathname.startsWith(`${root}/`);
  if (url.origin !== base.origin || !isBelow || url.username !== '') throw new BrokerError('call-path-refused');
  return url;
}
