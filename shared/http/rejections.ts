import { BrokerError } from '../errors.ts';
import { namePattern, toTimestamp, type AccessLevel } from '../names.ts';
import type { Rejections } from '../credentials/rejections.ts';
import type { Decide } from './audited.ts';
import { readBody } from './body.ts';
import { rejectionRequest } from './contract/headers.ts';
import { chooseLevel, describeSet, type HeadersDependencies } from './headers.ts';
import { jsonAnswer } from './answer.ts';
import { readQuery } from './query.ts';

/** In bytes: 4 KB of the API's answer, however JSON escapes it. */
const longestBody = 32_768;

type Dependencies = Omit<HeadersDependencies, 'headerSets'> & { rejections: Pick<Rejections, 'reject'> };

/** `POST /v1/headers/{api}/rejections[?access=…]` */
export function createRejectionsRoute(dependencies: Dependencies): Decide {
  const { clock, authenticate, policy, offers, rejections } = dependencies;
  return async ({ request }, facts, signal) => {
    const caller = await authenticate(request, facts, signal);
    const access = readQuery(request.url, ['access']).get('access');
    const name = request.params['api'] ?? '';
    if (!namePattern.test(name)) throw new BrokerError('api-malformed');
    const offer = offers.get(name);
    if (offer) facts.api = offer.api;
    policy.authorise(caller, name);
    if (!offer) throw new BrokerError('unexpected');
    const requirement = chooseLevel(offer, access);
    const level = access ?? offer.levels.keys().next().value;
    if (level !== undefined) facts.access = level as AccessLevel;
    const { id, status, body = '' } = await readBody(request, rejectionRequest, longestBody, 'report-malformed');
    const { set, rejection } = await rejections.reject({ requirement, id, status, body }, signal);
    const wallMs = clock.wall();
    Object.assign(facts, {
      key: set.key,
      token: set.token,
      expiresOn: toTimestamp(wallMs + set.lifeMs),
      rejected: rejection.credential,
      rejection: rejection.action,
    });
    return jsonAnswer({ ...describeSet(offer, set, wallMs), rejection });
  };
}
