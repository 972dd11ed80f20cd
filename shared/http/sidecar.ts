import type { CallerEntry } from '../callers/policy.ts';
import { claimsOf } from '../callers/verify.ts';
import type { Clock } from '../clock.ts';
import type { HeaderSets } from '../credentials/header-set.ts';
import type { Rejections } from '../credentials/rejections.ts';
import { BrokerError } from '../errors.ts';
import type { AccessLevel } from '../names.ts';
import type { AuditFacts } from '../telemetry/audit.ts';
import { jsonAnswer } from './answer.ts';
import { noteSet, type Admission, type Offer } from './asked.ts';
import type { Decide } from './audited.ts';
import { readToken, type Authenticate } from './authenticate.ts';
import { openHeaders } from './headers.ts';
import { readQuery } from './query.ts';
import { readSidecarOptions } from './sidecar-options.ts';

type Dependencies = Admission & {
  clock: Clock;
  headerSets: Pick<HeaderSets, 'handOut'>;
  rejections: Pick<Rejections, 'forceRefresh'>;
};

/** `GET` and `POST /AuthorizationHeader/{api}`: a hand-out, in the form of the Microsoft Entra ID Auth SDK's sidecar. */
export function createAuthorizationHeaderRoute(dependencies: Dependencies): Decide {
  const { clock, authenticate, headerSets, rejections } = dependencies;
  return async ({ request }, facts, signal) => {
    const caller = await authenticate(request, facts, signal);
    const { forceRefresh } = await readSidecarOptions(request);
    const { levels, plain } = findOffer(dependencies, caller, request.params['api'] ?? '', facts);
    const [level] = levels.keys();
    // A client of a sidecar would send an empty header on, and be told nothing of the key.
    if (level === undefined) throw new BrokerError('key-alone');
    facts.access = level as AccessLevel;
    const set = await (forceRefresh ? rejections.forceRefresh(plain, signal) : headerSets.handOut(plain, signal));
    noteSet(facts, set, clock.wall());
    const headers = openHeaders(set);
    return jsonAnswer({ authorizationHeader: headers.Authorization, headers });
  };
}

/** @throws {BrokerError} `api-not-offered`, alike for an API that the caller may not have and one that does not exist. */
function findOffer({ policy, offers }: Admission, caller: CallerEntry, name: string, facts: AuditFacts): Offer {
  const offer = offers.get(name);
  if (offer) facts.api = offer.api;
  try {
    policy.authoriseHeaders(caller, name);
  } catch (cause) {
    throw new BrokerError('api-not-offered', { cause });
  }
  if (!offer) throw new BrokerError('unexpected');
  return offer;
}

/** `GET /Validate`: what the caller's own token says, once it is known to be good. */
export function createValidateRoute(authenticate: Authenticate): Decide {
  return async ({ request }, facts, signal) => {
    await authenticate(request, facts, signal);
    readQuery(request.url, []);
    const token = readToken(request);
    return jsonAnswer({ protocol: 'Bearer', token, claims: claimsOf(token) });
  };
}
