import * as fc from 'fast-check';
import type { Fingerprint, SubscriptionName } from '../../shared/names.ts';
import type { FailureReason, Intent, KeyFacts, RotationRecord, State } from '../../shared/rotation/record.ts';
import { slots } from '../../shared/rotation/slot.ts';

/** As the code makes objects, with a prototype. */
const record = <T>(members: { [Key in keyof T]: fc.Arbitrary<T[Key]> }) =>
  fc.record(members, { noNullPrototype: true });

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const moment = fc.integer({ min: 0, max: 8_640_000_000_000_000 });
const duration = fc.integer({ min: 0, max: 31_536_000_000 });
const slot = fc.constantFrom(...slots);
const count = fc.nat();
const label = fc.string({ minLength: 1, maxLength: 200 });
const orNone = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const fingerprint = fc
  .string({ unit: fc.constantFrom(...Array.from(alphabet)), minLength: 12, maxLength: 12 })
  .map((text) => text as Fingerprint);

const reasons: readonly FailureReason[] = [
  'authority-refused',
  'authority-unavailable',
  'key-changed-outside',
  'active-key-refused',
  'new-key-refused',
  'gateway-unknown',
  'gateway-forbids',
  'vault-not-writable',
  'vault-unreadable',
  'regenerate-not-seen',
  'publish-not-seen',
];

const intent: fc.Arbitrary<Intent> = record({
  operationId: label,
  runner: label,
  startedAt: moment,
  fingerprintBefore: fingerprint,
  look: orNone(record({ at: moment, fingerprint })),
});

const state: fc.Arbitrary<State> = fc.oneof(
  record({ phase: fc.constant('idle' as const) }),
  record({ phase: fc.constant('regenerating' as const), slot, intent: orNone(intent) }),
  record({
    phase: fc.constant('settling' as const),
    slot,
    fingerprintBefore: fingerprint,
    regeneratedAt: moment,
    fingerprint: orNone(fingerprint),
    accepts: count,
  }),
  record({ phase: fc.constant('publishing' as const), slot, fingerprint, intent: orNone(intent) }),
  record({ phase: fc.constant('draining' as const), slot }),
);

const keyFacts: fc.Arbitrary<KeyFacts> = record({ fingerprint, promisedUntil: moment });

/** Every record that can be, whether or not the machine would come to it. */
const terms = record({
  visibilityMs: duration,
  readAgeMs: duration,
  headerLifetimeMs: duration,
  skewMs: duration,
  flightMs: duration,
  propagationMs: duration,
  promiseMs: duration,
});

export const anyRecord: fc.Arbitrary<RotationRecord> = record({
  schemaVersion: fc.constant(1 as const),
  subscription: fc.stringMatching(/^[a-z][a-z0-9-]{0,62}$/).map((text) => text as SubscriptionName),
  generation: fc.integer({ min: 1 }),
  active: slot,
  switchedOn: moment,
  keys: record({ primary: keyFacts, secondary: keyFacts }),
  terms,
  recentTerms: terms,
  state,
  paused: fc.boolean(),
  dueAt: moment,
  cycleFrom: orNone(slot),
  compromised: orNone(slot),
  unsettled: orNone(slot),
  lastFailure: orNone(record({ at: moment, reason: fc.constantFrom(...reasons), times: count })),
});
