import type { SigningKeys } from './callers/signing-keys.ts';
import type { HeaderSets, Requirement } from './credentials/header-set.ts';
import { BrokerError } from './errors.ts';

/** Whether an instance has what it hands out, and how it gets it before anybody asks. */
export type Supply = {
  /**
   * Loads what a first request could have to wait for, in the order of the APIs, until the signal is aborted. Tells how much of it could not be
   * had.
   */
  warm(signal: AbortSignal): Promise<number>;
  /** Whether callers can be told apart and at least one API can be served. Asks upstream only for what is not cached. */
  isReady(signal: AbortSignal): Promise<boolean>;
};

/**
 * How many header sets are made ready side by side: to begin with, and at most. Each that is ready lets one more begin: many instances may start
 * at once, and where their source throttles, it is asked no faster.
 */
const [firstAtOnce, mostAtOnce] = [8, 32];

/** @param requirements what the APIs ask of a header set by default. */
export function createSupply(
  signingKeys: Pick<SigningKeys, 'load'>,
  headerSets: HeaderSets,
  requirements: readonly Requirement[],
): Supply {
  return {
    warm: async (signal) => {
      const loading = signingKeys.load(signal).then(toTrue, toFalse);
      const waiting = requirements.values();
      let atOnce = 0;
      let ready = 0;
      const work = async (): Promise<void> => {
        atOnce += 1;
        const others: Promise<void>[] = [];
        for (const requirement of waiting) {
          if (signal.aborted) break;
          const isReady = await headerSets.handOut(requirement, signal).then(toTrue, toFalse);
          if (!isReady) continue;
          ready += 1;
          if (atOnce < mostAtOnce) others.push(work());
        }
        await Promise.all(others);
      };
      const [isLoaded] = await Promise.all([loading, ...Array.from({ length: firstAtOnce }, work)]);
      return requirements.length - ready + (isLoaded ? 0 : 1);
    },
    isReady: async (signal) => {
      const isSupplied = requirements.some((requirement) => headerSets.isCached(requirement));
      const supply = isSupplied ? undefined : handOutAny(headerSets, requirements, signal);
      return Promise.all([signingKeys.load(signal), supply]).then(toTrue, toFalse);
    },
  };
}

const toTrue = () => true;
const toFalse = () => false;

/** The first that can be had, with so many asked for side by side. */
async function handOutAny(headerSets: HeaderSets, requirements: readonly Requirement[], signal: AbortSignal) {
  const waiting = requirements.values();
  const work = async (): Promise<void> => {
    const next = waiting.next();
    if (next.done) throw new BrokerError('not-ready');
    await headerSets.handOut(next.value, signal).catch(work);
  };
  await Promise.any(Array.from({ length: mostAtOnce }, work));
}
