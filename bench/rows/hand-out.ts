import { compactVerify, importJWK } from 'jose';
import { systemClock as clock } from '../../shared/clock.ts';
import { neverAborted } from '../../shared/deadline.ts';
import { claimsAt, createSigner } from '../../test/support/caller-tokens.ts';
import type { Row } from '../contest.ts';
import { measureCpu } from '../cpu.ts';
import { createCaches } from '../subjects/caches.ts';
import { createExchange, createRoute } from '../subjects/route.ts';

export const row: Row = {
  title: 'A warm hand-out without its host',
  how:
    'The route alone: the caller verified, policy, header set, its id sealed, the answer’s body and the audit record as a line that nobody writes; beside the ' +
    'RS256 verification of the same token by jose, which a broker that remembers nothing would have to do each time.',
  rounds: 9,
  prepare: async () => {
    const signer = createSigner('kid-1');
    const token = await signer.mint(claimsAt(clock.wall()));
    const key = await importJWK(signer.jwk, 'RS256');
    const route = createRoute(clock, signer, createCaches({ scopes: 1 }));
    const exchange = createExchange(clock, token);
    return {
      units: { processor: 'µs' },
      contestants: {
        'a hand-out': async () => ({ processor: await measureCpu(20_000, () => route(exchange, neverAborted)) }),
        'RS256 verification': async () => ({ processor: await measureCpu(2_000, () => compactVerify(token, key)) }),
      },
      comparisons: [
        {
          title: 'a hand-out, of a verification',
          measure: 'processor',
          of: 'a hand-out',
          over: 'RS256 verification',
          bar: { atMost: 0.15 },
        },
      ],
    };
  },
};
