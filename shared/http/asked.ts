import type { HttpRequest } from '@azure/functions';
import type { Policy } from '../callers/policy.ts';
import type { HeaderSet, Requirement } from '../credentials/header-set.ts';
import { BrokerError } from '../errors.ts';
import { namePattern, toTimestamp, type AccessLevel, type ApiName, type Timestamp } from '../names.ts';
import type { AuditFacts } from '../telemetry/audit.ts';
import type { Authenticate } from './authenticate.ts';
import { readQuery } from './query.ts';
import type { Recipient } from './set-id.ts';

/** An API as its callers see it. */
export type Offer = {
  readonly api: ApiName;
  readonly baseUrl: string;
  /** What each access level asks of a header set; the first is the default. A key-only API has none, and `plain` alone. */
  readonly levels: ReadonlyMap<string, Requirement>;
  readonly plain: Requirement;
};

/** What a request asks for, and who does. */
type Asked = { readonly offer: Offer; readonly requirement: Requirement; readonly recipient: Recipient };

/** By what it is decided who may have what. */
export type Admission = {
  authenticate: Authenticate;
  policy: Policy;
  /** By the name of the API. */
  offers: ReadonlyMap<string, Offer>;
};

/**
 * Reads which header set a request to `…/{api}…[?access=…]` is about, and whether its caller may have it.
 *
 * @throws {BrokerError} `api-malformed`, `access-unknown`, and what the caller's token and the policy have against it.
 */
export async function readAsked(
  { authenticate, policy, offers }: Admission,
  request: HttpRequest,
  facts: AuditFacts,
  signal: AbortSignal,
): Promise<Asked> {
  const caller = await authenticate(request, facts, signal);
  const access = readQuery(request.url, ['access']).get('access');
  const name = request.params['api'] ?? '';
  if (!namePattern.test(name)) throw new BrokerError('api-malformed');
  const offer = offers.get(name);
  if (offer) facts.api = offer.api;
  policy.authoriseHeaders(caller, name);
  if (!offer) throw new BrokerError('unexpected');
  const requirement = chooseLevel(offer, access);
  const level = (access ?? offer.levels.keys().next().value) as AccessLevel | undefined;
  if (level !== undefined) facts.access = level;
  return { offer, requirement, recipient: { caller, api: offer.api, access: level } };
}

function chooseLevel({ levels, plain }: Offer, access: string | undefined): Requirement {
  if (access === undefined) return plain;
  const requirement = levels.get(access);
  if (!requirement) throw new BrokerError('access-unknown');
  return requirement;
}

/** Notes for the record what is about to be handed out. @returns when it expires. */
export function noteSet(facts: AuditFacts, { key, token, lifeMs }: HeaderSet, wallMs: number): Timestamp {
  const expiresOn = toTimestamp(wallMs + lifeMs);
  Object.assign(facts, { key, token, expiresOn });
  return expiresOn;
}
