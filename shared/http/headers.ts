import Negotiator from 'negotiator';
import type { Policy } from '../callers/policy.ts';
import type { Clock } from '../clock.ts';
import type { HeaderSet, HeaderSets, Requirement } from '../credentials/header-set.ts';
import { BrokerError } from '../errors.ts';
import { toTimestamp, type AccessLevel, type ApiName } from '../names.ts';
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

const apiName = /^[a-z][a-z0-9-]{0,62}$/;

type Dependencies = {
  clock: Clock;
  authenticate: Authenticate;
  policy: Policy;
  offers: ReadonlyMap<ApiName, Offer>;
  headerSets: HeaderSets;
};

/** `GET /v1/headers/{api}[?access=…]` */
export function createHeadersRoute({ clock, authenticate, policy, offers, headerSets }: Dependencies): Decide {
  return async ({ request }, facts, signal) => {
    const caller = await authenticate(request, facts, signal);
    const access = readQuery(request.url, ['access']).get('access');
    const name = request.params['api'] ?? '';
    if (!apiName.test(name)) throw new BrokerError('api-malformed');
    const offer = offers.get(policy.authorise(caller, name));
    if (!offer) throw new BrokerError('unexpected');
    facts.api = offer.api;
    const requirement = chooseLevel(offer, access);
    if (access !== undefined) facts.access = access as AccessLevel;
    const set = await headerSets.issue(requirement, signal);
    const expiresOn = toTimestamp(clock.wall() + set.lifeMs);
    Object.assign(facts, { key: set.key, token: set.token, expiresOn });
    return wantsText(request.headers.get('accept')) ? toText(set) : toJson(offer, set, clock.wall());
  };
}

function chooseLevel({ levels, plain }: Offer, access: string | undefined): Requirement {
  if (access === undefined) return plain;
  const requirement = levels.get(access);
  if (!requirement) throw new BrokerError('access-unknown');
  return requirement;
}

function wantsText(accept: string | null): boolean {
  if (accept === null || accept === '*/*' || accept === 'application/json') return false;
  return new Negotiator({ headers: { accept } }).mediaType(['application/json', 'text/plain']) === 'text/plain';
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

function toJson({ api, baseUrl }: Offer, { id, headers, lifeMs }: HeaderSet, wallMs: number): Answer {
  const refreshMs = lifeMs / 2;
  const answer = jsonAnswer({
    id,
    api,
    baseUrl,
    headers: Object.fromEntries(headers.map(({ name, value }) => [name, value.open()])),
    expiresOn: toTimestamp(wallMs + lifeMs),
    expiresIn: Math.floor(lifeMs / 1_000),
    refreshOn: toTimestamp(wallMs + refreshMs),
    refreshIn: Math.floor(refreshMs / 1_000),
  });
  return { ...answer, headers: { ...answer.headers, Vary: 'Accept' } };
}
