import Negotiator from 'negotiator';
import type { Policy } from '../callers/policy.ts';
import type { Clock } from '../clock.ts';
import type { HeaderSet, HeaderSets, Requirement } from '../credentials/header-set.ts';
import { BrokerError } from '../errors.ts';
import { namePattern, toTimestamp, type AccessLevel, type ApiName } from '../names.ts';
import { jsonAnswer, type Answer } from './answer.ts';
import type { Decide } from './audited.ts';
import type { Authenticate } from './authenticate.ts';
import { readQuery } from './query.ts';

/** An API as its callers see it. */
export type Offer = {
  readonly api: ApiName;
  readonly baseUrl: string;
  /** What each access level asks of a header set; the first is the default. A key-only API has none, and `plain` alone. */
  readonly levels: ReadonlyMap<string, Requirement>;
  readonly plain: Requirement;
};

export type HeadersDependencies = {
  clock: Clock;
  authenticate: Authenticate;
  policy: Policy;
  /** By the name of the API. */
  offers: ReadonlyMap<string, Offer>;
  headerSets: HeaderSets;
};

/** `GET /v1/headers/{api}[?access=…]` */
export function createHeadersRoute({ clock, authenticate, policy, offers, headerSets }: HeadersDependencies): Decide {
  return async ({ request }, facts, signal) => {
    const caller = await authenticate(request, facts, signal);
    const access = readQuery(request.url, ['access']).get('access');
    const name = request.params['api'] ?? '';
    if (!namePattern.test(name)) throw new BrokerError('api-malformed');
    const offer = offers.get(name);
    if (offer) facts.api = offer.api;
    policy.authorise(caller, name);
    if (!offer) throw new BrokerError('unexpected');
    const level = access ?? offer.levels.keys().next().value;
    const requirement = chooseLevel(offer, access);
    if (level !== undefined) facts.access = level as AccessLevel;
    const set = await headerSets.handOut(requirement, signal);
    const wallMs = clock.wall();
    Object.assign(facts, { key: set.key, token: set.token, expiresOn: toTimestamp(wallMs + set.lifeMs) });
    return wantsText(request.headers.get('accept')) ? toText(set) : toJson(offer, set, wallMs);
  };
}

/** @throws {BrokerError} `access-unknown` */
export function chooseLevel({ levels, plain }: Offer, access: string | undefined): Requirement {
  if (access === undefined) return plain;
  const requirement = levels.get(access);
  if (!requirement) throw new BrokerError('access-unknown');
  return requirement;
}

/** As they are asked for; negotiation takes a parameter for part of the type. */
const mediaTypes = ['application/json', 'text/plain', 'application/json; charset=utf-8', 'text/plain; charset=utf-8'];

function wantsText(accept: string | null): boolean {
  if (accept === null || accept === '*/*' || accept === 'application/json') return false;
  const chosen = new Negotiator({ headers: { accept } }).mediaType(mediaTypes);
  return chosen?.startsWith('text/plain') ?? false;
}

/** Header lines, made for `curl -H @-`. */
function toText({ headers }: HeaderSet): Answer {
  const lines = headers.map(({ name, value }) => `${name}: ${value.open()}\n`);
  return {
    status: 200,
    headers: { 'Content-Type': 'text/plain; charset=utf-8', Vary: 'Accept' },
    body: lines.join(''),
  };
}

function toJson(offer: Offer, set: HeaderSet, wallMs: number): Answer {
  const answer = jsonAnswer(describeSet(offer, set, wallMs));
  return { ...answer, headers: { ...answer.headers, Vary: 'Accept' } };
}

/** A header set as JSON shows it. Here its secrets are opened. */
export function describeSet({ api, baseUrl }: Offer, { id, headers, lifeMs }: HeaderSet, wallMs: number) {
  const refreshMs = lifeMs / 2;
  return {
    id,
    api,
    baseUrl,
    headers: Object.fromEntries(headers.map(({ name, value }) => [name, value.open()])),
    expiresOn: toTimestamp(wallMs + lifeMs),
    expiresIn: Math.floor(lifeMs / 1_000),
    refreshOn: toTimestamp(wallMs + refreshMs),
    refreshIn: Math.floor(refreshMs / 1_000),
  };
}
