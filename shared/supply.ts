import type { SigningKeys } from './callers/signing-keys.ts';
import type { HeaderSets, Requirement } from './credentials/header-set.ts';

/** Whether an instance has what it hands out, and how it gets it before anybody asks. */
export type Supply = {
  /** Loads everything that a first request could have to wait for. Tells how much of it could not be had. */
  warm(signal: AbortSignal): Promise<number>;
  /** Whether callers can be told apart and at least one API can be served. Asks upstream only for what is not cached. */
  isReady(signal: AbortSignal): Promise<boolean>;
};

/** @param requirements what the APIs ask of a header set by default. */
export function createSupply(
  signingKeys: Pick<SigningKeys, 'load'>,
  headerSets: HeaderSets,
  requirements: readonly Requirement[],
): Supply {
  const handOutAll = (signal: AbortSignal) =>
    requirements.map((requirement) => headerSets.handOut(requirement, signal));
  return {
    warm: async (signal) => {
      const results = await Promise.allSettled([signingKeys.load(signal), ...handOutAll(signal)]);
      return results.filter(({ status }) => status === 'rejected').length;
    },
    isReady: async (signal) => {
      const isSupplied = requirements.some((requirement) => headerSets.isCached(requirement));
      const supply = isSupplied ? undefined : Promise.any(handOutAll(signal));
      return Promise.all([signingKeys.load(signal), supply]).then(
        () => true,
        () => false,
      );
    },
  };
}
