import type { SubscriptionName } from '../names.ts';
import type { Observation } from './observation.ts';
import type { RotationPolicy } from './policy.ts';
import type { RotationRecord } from './record.ts';
import { otherSlot, slots } from './slot.ts';

/**
 * The first record of a subscription, or the first after its record was lost: the published key's slot is found by comparing it with what its
 * authority lists; or, where the record was lost and the key changed as well, by its tag. What cannot be known is taken at its worst: that the
 * other slot's key is promised as long as can be.
 *
 * @returns `undefined` when the published key is neither of those listed, and was never under our care: then nobody can say which is meant.
 */
export function adopt(
  subscription: SubscriptionName,
  { published, listed }: Observation,
  { terms, everyMs }: RotationPolicy,
  now: number,
): RotationRecord | undefined {
  if (!published || !listed) return undefined;
  const isUnderOurCare = published.generation !== undefined;
  const tagged = isUnderOurCare ? published.slot : undefined;
  const active = slots.find((slot) => listed[slot] === published.fingerprint) ?? tagged;
  if (!active) return undefined;
  const factsOf = (promisedUntil: number, slot = active) => ({ fingerprint: listed[slot], promisedUntil });
  const other = otherSlot(active);
  const keys = {
    // A read may be older than the last promise.
    [active]: factsOf(isUnderOurCare ? Math.max(published.safeUntil ?? 0, now + terms.promiseMs) : 0),
    [other]: factsOf(isUnderOurCare ? now + terms.promiseMs : 0, other),
  };
  return {
    schemaVersion: 1,
    subscription,
    generation: published.generation ?? 1,
    active,
    switchedOn: now,
    keys: { primary: keys.primary ?? factsOf(0, 'primary'), secondary: keys.secondary ?? factsOf(0, 'secondary') },
    terms,
    recentTerms: terms,
    state: { phase: 'idle' },
    paused: false,
    dueAt: now + everyMs,
    cycleFrom: undefined,
    compromised: undefined,
    // It may have been regenerated a moment ago.
    unsettled: isUnderOurCare ? other : undefined,
    lastFailure: undefined,
  };
}
