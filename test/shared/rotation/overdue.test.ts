import { describe, expect, test } from '@jest/globals';
import { isOverdue } from '../../../shared/rotation/overdue.ts';
import type { RotationRecord, State } from '../../../shared/rotation/record.ts';
import { steer } from '../../../shared/rotation/steering.ts';
import {
  first,
  fresh,
  intentOf,
  lastHeaderMs,
  longAgo,
  marginMs,
  mirrored,
  now,
  ownedMs,
  policyOf,
  recordOf,
  second,
  settleMs,
  terms,
} from '../../support/rotation-machine.ts';
import { tick, tickMs, worldOf } from '../../support/rotation-world.ts';

const grace = 15 * 60_000;
const farOff = now * 1_000;
const policy = policyOf();
const never = policyOf({ mayStart: () => false });
const manual = policyOf({ isManual: true });
/** Promised for long: nothing but the state is to be judged. */
const promised = (promisedUntil = farOff): RotationRecord['keys'] => ({
  primary: { fingerprint: first, promisedUntil },
  secondary: { fingerprint: second, promisedUntil: longAgo },
});
const atRest = (changes: Partial<RotationRecord> = {}) => recordOf({ keys: promised(), dueAt: farOff, ...changes });
const draining: State = { phase: 'draining', slot: 'secondary' };
const drainMs = lastHeaderMs + marginMs;
const regenerating: State = { phase: 'regenerating', slot: 'secondary', intent: undefined };
const settling: State = {
  phase: 'settling',
  slot: 'secondary',
  fingerprintBefore: second,
  regeneratedAt: now,
  fingerprint: fresh,
  accepts: 0,
};
const publishing: State = { phase: 'publishing', slot: 'secondary', fingerprint: fresh, intent: undefined };
const startedNow = { ...intentOf({ startedAt: now }), look: undefined };

/** The last moment at which a record is not overdue, as far from `now`. */
function lastWell(record: RotationRecord, by = policy): number | undefined {
  if (isOverdue(record, by, now)) return undefined;
  let [well, late] = [0, 400 * 86_400_000];
  if (!isOverdue(record, by, now + late)) return Infinity;
  while (late - well > 1) {
    const middle = Math.floor((well + late) / 2);
    if (isOverdue(record, by, now + middle)) late = middle;
    else well = middle;
  }
  return well;
}

describe('a rotation is overdue a quarter of an hour after', () => {
  test.each<[string, RotationRecord, number]>([
    ['a cycle was due', atRest({ dueAt: now }), grace],
    ['a cycle was due and the other slot drained', atRest({ dueAt: now, switchedOn: now }), drainMs + grace],
    [
      'the last header set with a retiring key has ended',
      atRest({ state: draining, switchedOn: now }),
      drainMs + grace,
    ],
    ['a new key should have settled', atRest({ state: settling }), settleMs + policy.acceptsNeeded * tickMs + grace],
    [
      'an intent could be taken over, and two looks agree',
      atRest({ state: { ...regenerating, intent: startedNow } }),
      ownedMs + policy.quarantineMs + grace,
    ],
    ['a publish could be taken over', atRest({ state: { ...publishing, intent: startedNow } }), ownedMs + grace],
    [
      'the key that begins a cycle should have been regenerated',
      atRest({ state: regenerating, cycleFrom: 'secondary', dueAt: now }),
      grace,
    ],
    [
      'the drained key should have been regenerated',
      atRest({ state: regenerating, cycleFrom: 'primary', switchedOn: now }),
      drainMs + grace,
    ],
  ])('%s', (_what, record, ms) => {
    expect(lastWell(record)).toBe(ms);
  });

  test('the active key’s promise was to be extended: the timer no longer fires', () => {
    const record = recordOf({
      dueAt: farOff,
      keys: promised(now + terms.promiseMs),
      terms: { ...terms, promiseMs: 21_600_000 },
    });
    expect(isOverdue(record, policy, now + terms.promiseMs - 10_800_000 + grace + 1)).toBe(true);
    const paused = { ...record, paused: true };
    expect(isOverdue(paused, policy, now + terms.promiseMs - 10_800_000 + grace + 1)).toBe(true);
    expect(isOverdue(record, policy, now + terms.promiseMs - 10_800_000 + grace)).toBe(false);
  });

  test('a window opened that a cycle should have started in', () => {
    const opensIn = 3_600_000;
    expect(lastWell(atRest({ dueAt: now }), policyOf({ mayStart: (at) => at >= now + opensIn }))).toBe(opensIn + grace);
  });

  test('a step began to fail at every tick', () => {
    const failing = (times: number) =>
      atRest({ state: publishing, lastFailure: { at: now, reason: 'vault-unreadable', times } });
    expect(isOverdue(failing(15), policy, now)).toBe(false);
    expect(isOverdue(failing(16), policy, now)).toBe(true);
    expect(isOverdue(failing(16), policy, now + grace)).toBe(false);
  });
});

describe('a rotation is not overdue', () => {
  test.each<[string, RotationRecord, typeof policy]>([
    ['at rest while it is paused', atRest({ dueAt: now, paused: true }), policy],
    ['where the configuration starts no cycle', atRest({ dueAt: now }), never],
    ['while a person is waited for', atRest({ state: regenerating, cycleFrom: 'secondary', dueAt: now }), manual],
    [
      'while it is paused before a regenerate',
      atRest({ state: regenerating, cycleFrom: 'primary', paused: true }),
      policy,
    ],
    ['before its first promise', recordOf({ keys: promised(0), dueAt: farOff }), policy],
  ])('%s', (_what, record, by) => {
    expect(lastWell(record, by)).toBe(Infinity);
  });

  test.each([
    ['of the primary and the secondary', recordOf({ dueAt: now })],
    ['that begins with the primary', mirrored({ dueAt: now })],
    ['after an emergency', recordOf({ dueAt: now, compromised: 'primary' })],
  ])('at any moment of a cycle %s that goes well, nor at rest after it', (_which, record) => {
    const world = worldOf(record, now);
    for (let ticks = 0; ticks < 400; ticks += 1) {
      tick(world, policy);
      expect(isOverdue(world.record, policy, world.now)).toBe(false);
      // Right before the next tick, as well.
      expect(isOverdue(world.record, policy, world.now + tickMs - 1)).toBe(false);
    }
  });

  test('right after an operator has started a cycle', () => {
    const steered = steer(atRest({ dueAt: farOff }), { kind: 'start' }, now);
    expect('record' in steered && lastWell(steered.record)).toBe(grace);
  });
});
