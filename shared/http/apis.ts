import { jsonAnswer } from './answer.ts';
import type { Decide } from './audited.ts';
import type { Authenticate } from './authenticate.ts';
import type { Offer } from './asked.ts';
import { readQuery } from './query.ts';

type Dependencies = { authenticate: Authenticate; /** In the order of the configuration. */ offers: readonly Offer[] };

/** `GET /v1/apis`: what this caller may ask for, and nothing of what it may not. */
export function createApisRoute({ authenticate, offers }: Dependencies): Decide {
  return async ({ request }, facts, signal) => {
    const caller = await authenticate(request, facts, signal);
    readQuery(request.url, []);
    const allowed = offers.filter(({ api }) => caller.apis.has(api));
    const apis = allowed.map(({ api, baseUrl, levels }) => ({ api, baseUrl, accessLevels: [...levels.keys()] }));
    return jsonAnswer({ apis });
  };
}
