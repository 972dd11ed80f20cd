import { callApi } from './azure/api-call.ts';
import type { Trail } from './broker-audit.ts';
import type { Callers } from './broker-callers.ts';
import type { CallPlaces } from './call/places.ts';
import type { Config } from './config/config.ts';
import type { HeaderSets } from './credentials/header-set.ts';
import type { Rejections } from './credentials/rejections.ts';
import { createAudited } from './http/audited.ts';
import { createRepeat } from './http/call-repeat.ts';
import { createCallDecision, createCallRoute } from './http/call.ts';
import type { Offer } from './http/asked.ts';
import type { Route } from './http/serve.ts';

type Parts = Pick<Callers, 'authenticate' | 'policy'> & {
  trail: Trail;
  offers: ReadonlyMap<string, Offer>;
  headerSets: HeaderSets;
  rejections: Pick<Rejections, 'reject'>;
  places: CallPlaces;
};

/** The route by which the broker calls an API itself. */
export function buildCall({ apis, callers }: Config, { trail, rejections, ...parts }: Parts): Route<Uint8Array> {
  const callable = new Set(apis.flatMap(({ name, call }) => (call ? [name] : [])));
  const calling = new Set(callers.flatMap(({ name, call }) => (call ? [name] : [])));
  const decision = createCallDecision({
    clock: trail.clock,
    ...parts,
    mayCall: (caller, { api }) => calling.has(caller.name) && callable.has(api),
  });
  const repeat = createRepeat({
    clock: trail.clock,
    rejections,
    record: (exchange, facts, signal) =>
      createAudited(trail, 'api.repeat', async (_exchange, own) => void Object.assign(own, facts))(exchange, signal),
  });
  return createCallRoute(createAudited(trail, 'api.call', decision), repeat, { callApi, places: parts.places });
}
