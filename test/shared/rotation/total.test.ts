import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { apply, type Event } from '../../../shared/rotation/apply.ts';
import { decide, keysToTry, needsKeys, needsWritableVault } from '../../../shared/rotation/decide.ts';
import type { Observation } from '../../../shared/rotation/observation.ts';
import { plan } from '../../../shared/rotation/plan.ts';
import type { ProbeVerdict } from '../../../shared/rotation/ports.ts';
import type { FailureReason, RotationRecord } from '../../../shared/rotation/record.ts';
import { slots } from '../../../shared/rotation/slot.ts';
import { steer, type Command } from '../../../shared/rotation/steering.ts';
import { anyRecord } from '../../support/arbitrary-record.ts';
import { key, name, policyOf, terms } from '../../support/rotation-machine.ts';

const moment = fc.integer({ min: 0, max: 8_640_000_000_000_000 });
const slot = fc.constantFrom(...slots);
const none = fc.constant(undefined);

/** The keys that a record knows of, and one that it does not. */
function knownTo({ keys, state }: RotationRecord) {
  const own = [keys.primary.fingerprint, keys.secondary.fingerprint, key('unknown')];
  const ofState = 'fingerprint' in state && state.fingerprint ? [state.fingerprint] : [];
  const before = 'fingerprintBefore' in state ? [state.fingerprintBefore] : [];
  return fc.constantFrom(...own, ...ofState, ...before);
}

function observationOf(record: RotationRecord): fc.Arbitrary<Observation> {
  const fingerprint = knownTo(record);
  const verdict = fc.constantFrom<ProbeVerdict>('accepted', 'refused', 'forbidden', 'unknown');
  const generation = fc.oneof(
    none,
    fc.integer({ min: -1, max: 1 }).map((more) => record.generation + more),
  );
  return fc.record(
    {
      published: fc.record({ fingerprint, generation, safeUntil: fc.oneof(none, moment) }),
      listed: fc.record({ primary: fingerprint, secondary: fingerprint }),
      verdicts: fc.array(fc.tuple(fingerprint, fc.array(verdict, { maxLength: 3 }))).map((said) => new Map(said)),
      isVaultWritable: fc.boolean(),
    },
    { requiredKeys: [] },
  );
}

function eventOf(record: RotationRecord): fc.Arbitrary<Event> {
  const fingerprint = knownTo(record);
  const reason = fc.constantFrom<FailureReason>('authority-refused', 'gateway-unknown');
  const intent = fc.record({
    operationId: fc.constant('operation'),
    runner: fc.constant('worker-1'),
    startedAt: moment,
    fingerprintBefore: fingerprint,
    look: none,
  });
  const state = anyRecord.map((other) => other.state);
  const kind = <Kind extends Event['kind']>(of: Kind) => fc.constant(of);
  const safeUntil = fc.oneof(none, moment);
  return fc.oneof(
    fc.record({
      kind: kind('entered'),
      state,
      alert: fc.oneof(none, reason),
      terms: fc.oneof(none, fc.constant(terms)),
    }),
    fc.record({ kind: kind('promised'), safeUntil: moment }),
    fc.record({ kind: kind('claimed'), intent, safeUntil }),
    fc.record({ kind: kind('looked'), fingerprint }),
    fc.record({ kind: kind('regenerated') }),
    fc.record({ kind: kind('given-up'), reason }),
    fc.record({ kind: kind('switched'), slot, fingerprint, generation: fc.nat(), safeUntil }),
    fc.record({ kind: kind('failed'), reason }),
    fc.record({ kind: kind('terms'), terms: fc.constant(terms) }),
  );
}

const policy = fc
  .record({ isManual: fc.boolean(), acceptsNeeded: fc.integer({ min: 1, max: 5 }), isOpen: fc.boolean() })
  .map(({ isOpen, ...changes }) => policyOf({ ...changes, mayStart: () => isOpen }));
const observed = anyRecord.chain((record) => fc.tuple(fc.constant(record), observationOf(record), policy, moment));
const happened = anyRecord.chain((record) => fc.tuple(fc.constant(record), eventOf(record), moment));
const runs = { numRuns: 1_000 };

describe('the machine is total', () => {
  test('decide never throws, and is a function of what it is given', () => {
    fc.assert(
      fc.property(observed, ([record, seen, by, now]) => {
        expect(decide(record, seen, by, now)).toEqual(decide(record, seen, by, now));
        expect(typeof needsKeys(record, by, now)).toBe('boolean');
        expect(typeof needsWritableVault(record)).toBe('boolean');
        expect(keysToTry(record, seen, now).length).toBeLessThanOrEqual(2);
      }),
      runs,
    );
  });

  test('apply never throws, changes nothing in place, and keeps whose record it is', () => {
    fc.assert(
      fc.property(happened, ([record, event, now]) => {
        const before = structuredClone(record);
        const after = apply(record, event, now, 1_000);
        expect(record).toEqual(before);
        expect(after).toMatchObject({ schemaVersion: 1, subscription: record.subscription, paused: record.paused });
      }),
      runs,
    );
  });

  test('a plan ends at rest, or where a pause holds it, and no moment of it is before the one ahead of it', () => {
    fc.assert(
      fc.property(anyRecord, policy, moment, (record, by, now) => {
        const planned = plan(record, by, now);
        const end = planned.at(-1)?.state ?? '';
        expect(end).toMatch(record.paused ? /^(idle|regenerating-.*|draining-primary)$/ : /^idle$/);
        expect(planned.map(({ notBefore }) => notBefore)).toEqual(
          planned.map(({ notBefore }) => notBefore).toSorted((one, other) => one - other),
        );
      }),
      { numRuns: 200 },
    );
  });
});

describe('never', () => {
  test('does apply lower a generation', () => {
    fc.assert(
      fc.property(happened, ([record, event, now]) => {
        expect(apply(record, event, now, 1_000).generation).toBeGreaterThanOrEqual(record.generation);
      }),
      runs,
    );
  });

  test('does apply lower a promise of the same key', () => {
    fc.assert(
      fc.property(happened, ([record, event, now]) => {
        const after = apply(record, event, now, 1_000);
        const lowered = slots.filter((one) => {
          const [before, then] = [record.keys[one], after.keys[one]];
          return before.fingerprint === then.fingerprint && then.promisedUntil < before.promisedUntil;
        });
        expect(lowered).toEqual([]);
      }),
      runs,
    );
  });

  test('do the largest terms shrink but at the start of a cycle', () => {
    fc.assert(
      fc.property(happened, ([record, event, now]) => {
        const after = apply(record, event, now, 1_000);
        if (event.kind === 'entered' && event.terms !== undefined) return;
        for (const term of Object.keys(terms) as (keyof typeof terms)[]) {
          expect(after.terms[term]).toBeGreaterThanOrEqual(record.terms[term]);
          expect(after.recentTerms[term]).toBeGreaterThanOrEqual(record.recentTerms[term]);
        }
      }),
      runs,
    );
  });

  test('is a slot regenerated that is promised, or whose drain is not over, unless its key is compromised', () => {
    fc.assert(
      fc.property(observed, ([record, seen, by, now]) => {
        const step = decide(record, seen, by, now);
        if (step.kind !== 'regenerate' || record.compromised === step.slot) return;
        const { visibilityMs, readAgeMs, headerLifetimeMs, skewMs, flightMs } = record.terms;
        const margin = 2 * skewMs + flightMs;
        expect(now).toBeGreaterThanOrEqual(record.keys[step.slot].promisedUntil + margin);
        expect(now).toBeGreaterThanOrEqual(record.switchedOn + visibilityMs + readAgeMs + headerLifetimeMs + margin);
      }),
      runs,
    );
  });

  test('is anything done without an observation, except at rest', () => {
    fc.assert(
      fc.property(observed, ([record, , by, now]) => {
        if (record.state.phase === 'idle') return;
        expect(decide(record, {}, by, now).kind).toBe('wait');
      }),
      runs,
    );
  });

  test('does steering change a key, a promise, a generation or a term', () => {
    const command = fc.constantFrom<Command>(
      { kind: 'start' },
      { kind: 'pause' },
      { kind: 'resume' },
      { kind: 'rollback' },
      { kind: 'emergency', confirm: name },
    );
    fc.assert(
      fc.property(anyRecord, command, moment, (record, asked, now) => {
        const steered = steer({ ...record, subscription: name }, asked, now);
        if ('refusal' in steered) return;
        const { keys, generation, terms: before, active, switchedOn } = record;
        expect(steered.record).toMatchObject({ keys, generation, terms: before, active, switchedOn });
      }),
      runs,
    );
  });
});
