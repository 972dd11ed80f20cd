import type { Fingerprint, SubscriptionName } from '../shared/names.ts';
import { apply, type Event } from '../shared/rotation/apply.ts';
import { decide, keysToTry, needsWritableVault } from '../shared/rotation/decide.ts';
import type { Observation } from '../shared/rotation/observation.ts';
import type { RotationPolicy } from '../shared/rotation/policy.ts';
import type { ProbeVerdict } from '../shared/rotation/ports.ts';
import type { Intent, RotationRecord } from '../shared/rotation/record.ts';
import { otherSlot, slots, type Slot } from '../shared/rotation/slot.ts';
import { fallBack, steer, type Command } from '../shared/rotation/steering.ts';
import type { Step } from '../shared/rotation/step.ts';
import type { Terms } from '../shared/rotation/terms.ts';

/** One way from a record to the next: what was decided or asked for, and what came of it. */
export type Move = {
  readonly from: RotationRecord;
  readonly to: RotationRecord;
  readonly cause: Step | Command | { readonly kind: 'fall-back' };
  readonly event: Event['kind'] | 'asked';
};

/**
 * Moments count from the present one. Each term is one tick, and a jump is longer than all of them together: so a moment is now, about to come
 * or long past, and the records that can be reached are few.
 */
const jump = 100;
export const exploredTerms: Terms = {
  visibilityMs: 1,
  readAgeMs: 1,
  headerLifetimeMs: 1,
  skewMs: 1,
  flightMs: 1,
  propagationMs: 1,
  promiseMs: 8,
};
const policy: RotationPolicy = {
  terms: exploredTerms,
  everyMs: 20,
  requestTimeoutMs: 1,
  quarantineMs: 1,
  acceptsNeeded: 2,
  isManual: false,
  mayStart: () => true,
};
const byHand: RotationPolicy = { ...policy, isManual: true };
const name = 'subscription' as SubscriptionName;
/** Keys that the record does not know of. */
const foreign = { primary: 'x' as Fingerprint, secondary: 'y' as Fingerprint, published: 'z' as Fingerprint };
const keyNames = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((text) => text as Fingerprint);
/** The others bring no record into another state: they only let it go on, or stay. */
const commands: readonly Command[] = [{ kind: 'rollback' }, { kind: 'emergency', confirm: name }];

/** A subscription at rest, as it is adopted: with either slot's key published. */
const start: RotationRecord = {
  schemaVersion: 1,
  subscription: name,
  generation: 1,
  active: 'primary',
  switchedOn: -jump,
  keys: {
    primary: { fingerprint: nameKey(0), promisedUntil: exploredTerms.promiseMs },
    secondary: { fingerprint: nameKey(1), promisedUntil: -jump },
  },
  terms: exploredTerms,
  recentTerms: exploredTerms,
  state: { phase: 'idle' },
  paused: false,
  dueAt: -jump,
  cycleFrom: undefined,
  compromised: undefined,
  unsettled: undefined,
  lastFailure: undefined,
};

/**
 * All that `decide`, `apply` and `steer` can make of a subscription that is adopted: every record that can be reached, with every
 * observation of a small alphabet, now and long after, under every command and every fall back. Runs to the end; nothing is sampled.
 */
export function exploreRotation(): readonly Move[] {
  const moves: Move[] = [];
  const open: RotationRecord[] = slots.map((active) => normalise({ ...start, active }, 0));
  const known = new Set(open.map((record) => JSON.stringify(record)));
  for (const record of open) {
    for (const move of movesFrom(record)) {
      moves.push(move);
      const key = JSON.stringify(move.to);
      if (known.has(key)) continue;
      known.add(key);
      open.push(move.to);
    }
  }
  return moves;
}

function movesFrom(record: RotationRecord): Move[] {
  const found = new Map<string, Move>();
  const add = (to: RotationRecord, now: number, cause: Move['cause'], event: Move['event']) => {
    const move = { from: record, to: normalise(to, now), cause, event };
    found.set(JSON.stringify([move.to, cause, event]), move);
  };
  for (const now of [0, jump]) {
    for (const command of commands) {
      const steered = steer(record, command, now);
      if ('record' in steered) add(steered.record, now, command, 'asked');
    }
    const { active, keys } = record;
    const fallen = fallBack(record, keys[active].fingerprint, keys[otherSlot(active)].fingerprint);
    if (fallen) add(fallen, now, { kind: 'fall-back' }, 'asked');
    for (const step of stepsFrom(record, now)) {
      for (const events of eventsOf(step, now)) {
        const to = events.reduce((before, event) => apply(before, event, now, policy.everyMs), record);
        add(to, now, step, events.at(-1)?.kind ?? 'asked');
      }
    }
  }
  return Array.from(found.values());
}

/** Every step that is decided, whatever is seen and whoever regenerates. */
function stepsFrom(record: RotationRecord, now: number): Iterable<Step> {
  const seen = observationsOf(record, now);
  const steps = [policy, byHand].flatMap((by) => seen.map((one) => decide(record, one, by, now)));
  const moving = steps.filter(({ kind }) => !['wait', 'tag', 'fail'].includes(kind));
  return new Map(moving.map((step) => [JSON.stringify(step), step])).values();
}

/** What a runner may come to record of a step: each list is one way for it to end, a crash after the intent among them. */
function eventsOf(step: Step, now: number): Event[][] {
  switch (step.kind) {
    case 'enter': {
      const { state, alert, startsCycle } = step;
      return [[{ kind: 'entered', state, alert, terms: startsCycle ? policy.terms : undefined }]];
    }
    case 'promise':
      return [[{ kind: 'promised', safeUntil: step.safeUntil }]];
    case 'look':
      return [[{ kind: 'looked', fingerprint: step.fingerprint }]];
    case 'regenerate': {
      const claimed = claim(step.fingerprintBefore, undefined, now);
      return [
        [claimed],
        [claimed, { kind: 'regenerated' }],
        [claimed, { kind: 'given-up', reason: 'authority-refused' }],
      ];
    }
    case 'publish': {
      const { slot, fingerprint, safeUntil } = step;
      const claimed = claim(fingerprint, safeUntil, now);
      return [[claimed], [claimed, { kind: 'switched', slot, fingerprint, generation: 2, safeUntil }]];
    }
    case 'switched':
      return [[step]];
    default:
      return [];
  }
}

function claim(fingerprintBefore: Fingerprint, safeUntil: number | undefined, startedAt: number): Event {
  const intent: Intent = { operationId: 'o', runner: 'r', startedAt, fingerprintBefore, look: undefined };
  return { kind: 'claimed', intent, safeUntil };
}

function nameKey(at: number): Fingerprint {
  const found = keyNames[at];
  if (found === undefined) throw new Error('A record knows of more keys than there are names.');
  return found;
}

/** The keys that a record knows of, in one order. */
function keysOf(record: RotationRecord): Fingerprint[] {
  const { primary, secondary } = record.keys;
  return Array.from(new Set([primary.fingerprint, secondary.fingerprint, ...keysOfState(record)]));
}

function keysOfState({ state }: RotationRecord): Fingerprint[] {
  const own = 'fingerprint' in state && state.fingerprint !== undefined ? [state.fingerprint] : [];
  const before = 'fingerprintBefore' in state ? [state.fingerprintBefore] : [];
  const intent = 'intent' in state ? state.intent : undefined;
  const looked = intent?.look ? [intent.look.fingerprint] : [];
  return [...own, ...before, ...(intent ? [intent.fingerprintBefore] : []), ...looked];
}

/** The same record with its keys named in order, its moments counted from now, and without what nothing is decided by. */
function normalise(record: RotationRecord, now: number): RotationRecord {
  const names = new Map(keysOf(record).map((fingerprint, at) => [fingerprint, nameKey(at)]));
  const text = JSON.stringify({ ...record, generation: 1, lastFailure: undefined }, (member, value: unknown) => {
    if (typeof value === 'string' && fingerprintMembers.has(member)) return names.get(value as Fingerprint);
    if (typeof value === 'number' && momentMembers.has(member))
      return value - now < -policy.everyMs ? -jump : value - now;
    return value;
  });
  return complete(JSON.parse(text) as RotationRecord);
}

const fingerprintMembers = new Set(['fingerprint', 'fingerprintBefore']);
const momentMembers = new Set(['switchedOn', 'promisedUntil', 'dueAt', 'regeneratedAt', 'startedAt', 'at']);

/** JSON leaves out what is undefined; `in` and equality ask for it. */
function complete(record: RotationRecord): RotationRecord {
  return { ...start, ...record, cycleFrom: record.cycleFrom, compromised: record.compromised };
}

/** The keys of a slot that a record knows of, and one that it does not. */
function keysIn(slot: Slot, record: RotationRecord): Fingerprint[] {
  const ofState = 'slot' in record.state && record.state.slot === slot ? keysOfState(record) : [];
  return Array.from(new Set([record.keys[slot].fingerprint, ...ofState, foreign[slot]]));
}

function observationsOf(record: RotationRecord, now: number): Observation[] {
  const secondaries = keysIn('secondary', record);
  const lists = keysIn('primary', record).flatMap((primary) =>
    secondaries.flatMap((secondary) => (primary === secondary ? [] : [{ primary, secondary }])),
  );
  const { promisedUntil: safeUntil } = record.keys[record.active];
  const seen = lists.flatMap((listed) => {
    const fingerprints = new Set([listed.primary, listed.secondary, ...keysOfState(record), foreign.published]);
    return Array.from(fingerprints).flatMap((fingerprint) =>
      [undefined, 0, 1, 2].map((generation) => ({ listed, published: { fingerprint, generation, safeUntil } })),
    );
  });
  return [{}, ...seen.flatMap((both) => withVerdicts(record, both, now))];
}

/** One that forbids decides nothing that one that is unknown does not. */
const answers: readonly ProbeVerdict[] = ['accepted', 'refused', 'unknown'];

function withVerdicts(record: RotationRecord, seen: Observation, now: number): Observation[] {
  const [one, other] = keysToTry(record, seen, now);
  const ofOne = one === undefined ? [[]] : answers.map((answer) => [[one, [answer]] as const]);
  const ofBoth =
    other === undefined
      ? ofOne
      : ofOne.flatMap((said) => answers.map((answer) => [...said, [other, [answer]] as const]));
  const writable = needsWritableVault(record) ? [true, false] : [false];
  return ofBoth.flatMap((said) => {
    const verdicts = new Map(said);
    return writable.map((isVaultWritable) => ({ ...seen, verdicts, isVaultWritable }));
  });
}
