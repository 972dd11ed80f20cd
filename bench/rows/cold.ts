import type { Row } from '../contest.ts';
import { createColdBroker } from '../subjects/cold-broker.ts';
import { createIdentity, createMemoryEntra, createMsal } from '../subjects/rivals.ts';

const entraMs = 300;
const atOnce = 1_000;
const scope = 'api://api-1/.default';

export const row: Row = {
  title: 'A thousand cold hand-outs at once',
  how:
    'From a broker that has just been made and has nothing cached, with a caller’s token to be verified, a key and a token for an API to be had: one hand-out, and a thousand at once. Without a host, over real sockets and SDKs to ' +
    'the stand-ins, whose Entra takes 300 ms for a token. MSAL and @azure/identity alone acquire one and the same token a thousand times at once, without a network, from an Entra in memory that takes 300 ms.',
  rounds: 5,
  prepare: async ({ cleanup }) => {
    const handOut = await createColdBroker(cleanup, entraMs);
    const ours = { of: 'broker, 1,000 at once' };
    return {
      units: { wall: 'ms', 'token requests': '', 'reads of a secret': '' },
      contestants: {
        'broker, one': () => handOut(1),
        'broker, 1,000 at once': () => handOut(atOnce),
        'MSAL, 1,000 at once': () => measureMsal(),
        '@azure/identity, 1,000 at once': () => measureIdentity(),
      },
      comparisons: [
        { ...ours, title: 'token requests of the broker', measure: 'token requests', bar: { atMost: 1 } },
        {
          ...ours,
          title: 'reads of a secret by the broker, at most',
          measure: 'reads of a secret',
          bar: { atMost: 1 },
        },
        {
          ...ours,
          title: 'wall for 1,000, of that for one',
          measure: 'wall',
          over: 'broker, one',
          bar: { atMost: 1.5 },
        },
        { title: 'token requests of MSAL', measure: 'token requests', of: 'MSAL, 1,000 at once' },
        { title: 'token requests of @azure/identity', measure: 'token requests', of: '@azure/identity, 1,000 at once' },
      ],
    };
  },
};

async function measureMsal() {
  const entra = createMemoryEntra(entraMs);
  const msal = createMsal(entra);
  const wall = await measureAtOnce(() => msal.acquireTokenByClientCredential({ scopes: [scope] }));
  return { wall, 'token requests': entra.tokenRequests };
}

async function measureIdentity() {
  const entra = createMemoryEntra(entraMs);
  const credential = createIdentity(entra);
  const wall = await measureAtOnce(() => credential.getToken(scope));
  return { wall, 'token requests': entra.tokenRequests };
}

async function measureAtOnce(acquire: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: atOnce }, acquire));
  return performance.now() - startedAt;
}
