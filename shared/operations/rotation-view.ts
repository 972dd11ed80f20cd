import type { RotationView } from '../http/contract/rotation.ts';
import { isOverdue } from '../rotation/overdue.ts';
import { plan } from '../rotation/plan.ts';
import type { RotationPolicy } from '../rotation/policy.ts';
import { nameOf, type KeyFacts, type RotationRecord } from '../rotation/record.ts';
import { regenerateNotBefore } from '../rotation/terms.ts';
import { toMoment } from './moment.ts';

/** A rotation record as operators see it. @param now wall clock, milliseconds. */
export function toRotationView(record: RotationRecord, policy: RotationPolicy, now: number): RotationView {
  const { state, keys, terms, switchedOn, lastFailure } = record;
  return {
    state: nameOf(state),
    generation: record.generation,
    activeSlot: record.active,
    primary: toKeyView(keys.primary),
    secondary: toKeyView(keys.secondary),
    switchedOn: toMoment(switchedOn),
    drainedOn:
      state.phase === 'draining'
        ? toMoment(regenerateNotBefore(terms, keys[state.slot].promisedUntil, switchedOn))
        : null,
    dueOn: toMoment(record.dueAt),
    paused: record.paused,
    compromised: record.compromised ?? null,
    waitsForPerson: policy.isManual && state.phase === 'regenerating' && !record.paused,
    overdue: isOverdue(record, policy, now),
    lastFailure: lastFailure
      ? { on: toMoment(lastFailure.at), reason: lastFailure.reason, times: lastFailure.times }
      : null,
    plan: plan(record, policy, now).map(({ state: name, notBefore }) => ({
      state: name,
      notBefore: toMoment(notBefore),
    })),
  };
}

/** How long a view is good: whoever asks more often is shown the same. */
const keptMs = 1_000;

type Kept = { readonly view: RotationView; readonly policy: RotationPolicy; readonly at: number };

/**
 * Views of records that many look at. To plan a cycle takes some of everybody's time on the instance, the more the more rarely one may start: it is
 * spent once a second for a record, however many dashboards and scripts ask.
 */
export function createRotationViews(): typeof toRotationView {
  const kept = new WeakMap<RotationRecord, Kept>();
  return (record, policy, now) => {
    const known = kept.get(record);
    if (known?.policy === policy && Math.abs(now - known.at) < keptMs) return known.view;
    const view = toRotationView(record, policy, now);
    kept.set(record, { view, policy, at: now });
    return view;
  };
}

function toKeyView({ fingerprint, promisedUntil }: KeyFacts): RotationView['primary'] {
  return { fingerprint, promisedUntil: promisedUntil > 0 ? toMoment(promisedUntil) : null };
}
