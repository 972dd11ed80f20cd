import { neverAborted } from '../../shared/deadline.ts';
import type { Row } from '../contest.ts';
import { measureCpu } from '../cpu.ts';
import { client, createCaches, scopeOf } from '../subjects/caches.ts';
import { createIdentity, createMemoryEntra, createMsal } from '../subjects/rivals.ts';

const sizes = [1, 1_000, 10_000];
/** How many of them are asked for, in turn and spread over all: what is asked for often is in the processor's own caches, however much else is held. */
const hot = 16;

/** Looks up the tokens of all scopes in turn. */
type LookUp = (scope: string) => Promise<unknown>;

export const row: Row = {
  title: 'Looking up a cached token',
  how:
    'One client with a token for each of 1, 1,000 and 10,000 scopes: what the broker’s cache, MSAL’s and that of @azure/identity take of the processor to ' +
    'find one again. 16 of them, spread over all, are asked for in turn; where each is, what is added is the processor’s own cache, which holds no 10,000. @azure/identity keeps its tokens in MSAL; it is not filled with 10,000, which would take it minutes.',
  rounds: 7,
  prepare: async () => {
    const contestants: Record<string, () => Promise<{ 'a look-up': number }>> = {};
    const add = (name: string, size: number, times: number, lookUp: LookUp, asked = hot) => {
      // As the configuration has them: made once, and not for each look-up.
      const scopes = Array.from({ length: Math.min(asked, size) }, (_, index) =>
        scopeOf(Math.floor((index * size) / Math.min(asked, size))),
      );
      contestants[name] = async () => {
        const each = await measureCpu(times, (index) => lookUp(scopes[index % scopes.length] ?? ''));
        return { 'a look-up': each };
      };
    };
    for (const size of sizes) {
      const ours = await createOurs(size);
      add(nameOf('broker', size), size, 50_000, ours);
      if (size === 10_000) add('broker, each of 10,000 tokens in turn', size, 50_000, ours, size);
      add(nameOf('MSAL', size), size, size === 1 ? 1_000 : 100_000 / size, await createFullMsal(size));
      if (size <= 1_000)
        add(nameOf('@azure/identity', size), size, size === 1 ? 1_000 : 100, await createFullIdentity(size));
    }
    const fasterThan = (rival: string, size: number, atLeast: number) => ({
      title: `${rival} at ${count(size)} takes as many times as long`,
      measure: 'a look-up',
      of: nameOf(rival, size),
      over: nameOf('broker', size),
      bar: { atLeast },
    });
    return {
      units: { 'a look-up': 'µs' },
      contestants,
      comparisons: [
        fasterThan('MSAL', 1, 25),
        fasterThan('@azure/identity', 1, 25),
        fasterThan('MSAL', 1_000, 400),
        fasterThan('@azure/identity', 1_000, 400),
        fasterThan('MSAL', 10_000, 5_000),
        {
          title: 'the broker at 10,000, of what it takes at 1',
          measure: 'a look-up',
          of: nameOf('broker', 10_000),
          over: nameOf('broker', 1),
          bar: { atMost: 1.3 },
        },
      ],
    };
  },
};

function count(size: number): string {
  return size === 1 ? '1 token' : `${size.toLocaleString('en-US')} tokens`;
}

function nameOf(name: string, size: number): string {
  return `${name}, ${count(size)}`;
}

async function createOurs(size: number): Promise<LookUp> {
  const { tokens } = createCaches({ scopes: size });
  const lookUp = (scope: string) => tokens.of(client, scope as ReturnType<typeof scopeOf>).get(300_000, neverAborted);
  for (let index = 0; index < size; index += 1) await lookUp(scopeOf(index));
  return lookUp;
}

/** With the cache filled as MSAL itself has written it: to acquire them one after the other would search it each time. */
async function createFullMsal(size: number): Promise<LookUp> {
  const msal = createMsal(createMemoryEntra());
  const lookUp = (scope: string) => msal.acquireTokenByClientCredential({ scopes: [scope] });
  await lookUp(scopeOf(0));
  const cache = msal.getTokenCache();
  const written = JSON.parse(cache.serialize()) as { AccessToken: Record<string, { target: string }> };
  const [entry] = Object.entries(written.AccessToken);
  if (!entry) throw new Error('MSAL has cached nothing');
  const [key, token] = entry;
  written.AccessToken = Object.fromEntries(
    Array.from({ length: size }, (_, index) => [
      key.replace(scopeOf(0), scopeOf(index)),
      { ...token, target: scopeOf(index) },
    ]),
  );
  cache.deserialize(JSON.stringify(written));
  const last = await lookUp(scopeOf(size - 1));
  if (last?.fromCache !== true) throw new Error('MSAL does not take its cache');
  return lookUp;
}

async function createFullIdentity(size: number): Promise<LookUp> {
  const credential = createIdentity(createMemoryEntra());
  const lookUp = (scope: string) => credential.getToken(scope);
  for (let index = 0; index < size; index += 1) await lookUp(scopeOf(index));
  return lookUp;
}
