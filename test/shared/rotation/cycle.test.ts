import { describe, expect, test } from '@jest/globals';
import { plan } from '../../../shared/rotation/plan.ts';
import { nameOf, type RotationRecord } from '../../../shared/rotation/record.ts';
import { otherSlot, slots, type Slot } from '../../../shared/rotation/slot.ts';
import { fallBack, steer, type Command } from '../../../shared/rotation/steering.ts';
import {
  first,
  lastHeaderMs,
  marginMs,
  mirrored,
  name,
  now,
  policyOf,
  recordOf,
  second,
  terms,
} from '../../support/rotation-machine.ts';
import { regenerate, tick, tickMs, tickUntil, worldOf, type World } from '../../support/rotation-world.ts';

const policy = policyOf();

type Entered = { state: string; at: number };

/** The states that a world's record goes through until it is at rest again. */
function follow(world: World, inspect: (world: World, slot: Slot | undefined) => void = () => {}): Entered[] {
  const entered: Entered[] = [{ state: nameOf(world.record.state), at: world.now }];
  for (let ticks = 0; ticks < 1_000; ticks += 1) {
    const step = tick(world, policy);
    inspect(world, step.kind === 'regenerate' ? step.slot : undefined);
    const state = nameOf(world.record.state);
    if (state !== entered.at(-1)?.state) entered.push({ state, at: world.now });
    if (entered.length > 1 && state === 'idle') return entered;
  }
  throw new Error(`not at rest: ${entered.map(({ state }) => state).join(', ')}`);
}

/** The states that a world's record goes through in so many ticks that it stays in the last. */
function followFor(world: World): Entered[] {
  const entered: Entered[] = [{ state: nameOf(world.record.state), at: world.now }];
  for (let ticks = 0; ticks < 200; ticks += 1) {
    tick(world, policy);
    const state = nameOf(world.record.state);
    if (state !== entered.at(-1)?.state) entered.push({ state, at: world.now });
  }
  return entered;
}

const drainingPrimary = { phase: 'draining', slot: 'primary' } as const;
const namesOf = (entered: readonly Entered[]) => entered.map(({ state }) => state);
const cycleOf = (slot: Slot) => [
  `regenerating-${slot}`,
  `settling-${slot}`,
  `publishing-${slot}`,
  `draining-${otherSlot(slot)}`,
];

/** Carries out a command on the record of a world. */
function ask(world: World, command: Command): void {
  const steered = steer(world.record, command, world.now);
  if ('refusal' in steered) throw new Error(steered.refusal);
  world.record = steered.record;
}

describe('one cycle is secondary, then primary', () => {
  test('regenerates the secondary, switches to it, regenerates the primary, switches back', () => {
    const world = worldOf(recordOf(), now);
    expect(namesOf(follow(world))).toEqual(['idle', ...cycleOf('secondary'), ...cycleOf('primary'), 'idle']);
    expect(world.listed).toEqual({ secondary: 'made-1', primary: 'made-2' });
    expect(world.published).toMatchObject({ fingerprint: 'made-2', generation: 6 });
    expect(world.record).toMatchObject({ active: 'primary', generation: 6, dueAt: world.now + policy.everyMs });
  });

  test('a subscription with the secondary published gets to its primary first, and then is due again at once', () => {
    const world = worldOf(mirrored(), now);
    expect(namesOf(follow(world))).toEqual(['idle', ...cycleOf('primary'), 'idle']);
    expect(namesOf(follow(world))).toEqual(['idle', ...cycleOf('secondary'), ...cycleOf('primary'), 'idle']);
  });

  test('a pause in the middle of it ends at a published key, and a resume goes on from there', () => {
    const world = worldOf(recordOf(), now);
    tickUntil(world, policy, 'settling-secondary');
    ask(world, { kind: 'pause' });
    expect(tickUntil(world, policy, 'draining-primary')).toBeDefined();
    expect(tickUntil(world, policy, 'regenerating-primary')).toBeUndefined();
    ask(world, { kind: 'resume' });
    expect(tickUntil(world, policy, 'idle')).toBeDefined();
  });
});

describe('throughout a cycle', () => {
  test('what a reader sees is never more than what the record holds, and a key is regenerated only after all that any reader saw', () => {
    const seen = new Map<string, number>();
    const switchedFrom = new Map<string, number>();
    const world = worldOf(recordOf(), now);
    let { fingerprint: before } = world.published;
    let listedBefore = world.listed;
    follow(world, ({ published, record, now: at }, slot) => {
      expect(published.safeUntil).toBeLessThanOrEqual(record.keys[record.active].promisedUntil);
      seen.set(published.fingerprint, Math.max(seen.get(published.fingerprint) ?? 0, published.safeUntil ?? 0));
      if (published.fingerprint !== before) switchedFrom.set(before, at);
      before = published.fingerprint;
      const retired = slot && listedBefore[slot];
      expect(at).toBeGreaterThanOrEqual(retired ? (seen.get(retired) ?? 0) + marginMs : 0);
      const switchedOn = retired && switchedFrom.get(retired);
      expect(at).toBeGreaterThanOrEqual(switchedOn ? switchedOn + lastHeaderMs + marginMs : 0);
      listedBefore = world.listed;
    });
    expect(switchedFrom.size).toBe(2);
  });

  test('a key is published only G after it was made, and after n accepts', () => {
    const world = worldOf(recordOf(), now);
    let { fingerprint: before } = world.published;
    const ages: number[] = [];
    follow(world, ({ published, madeAt, now: at }) => {
      if (published.fingerprint !== before) ages.push(at - (madeAt.get(published.fingerprint) ?? at));
      before = published.fingerprint;
    });
    expect(ages).toHaveLength(2);
    expect(Math.min(...ages)).toBeGreaterThanOrEqual(terms.propagationMs + policy.acceptsNeeded * tickMs);
  });
});

test('a promise that is short does not keep a cycle from ending', () => {
  const short = { ...terms, promiseMs: 3 * tickMs };
  const world = worldOf(recordOf({ terms: short, recentTerms: short }), now);
  expect(tickUntil(world, policyOf({ terms: short }), 'idle')).toBeDefined();
});

describe('steering', () => {
  test('rollback while draining publishes the retiring key again', () => {
    const world = worldOf(recordOf(), now);
    tickUntil(world, policy, 'draining-primary');
    ask(world, { kind: 'rollback' });
    expect(namesOf(follow(world))).toEqual(['publishing-primary', 'draining-secondary', 'idle']);
    expect(world.published).toMatchObject({ fingerprint: first, generation: 6 });
  });

  test.each(slots)(
    'emergency with the %s active: its key is left and regenerated within ticks, the other waits its drain out',
    (slot) => {
      const record: RotationRecord = slot === 'primary' ? recordOf() : mirrored();
      const world = worldOf(record, now);
      ask(world, { kind: 'emergency', confirm: name });
      expect(tickUntil(world, policy, `settling-${slot}`)).toBe(now + 4 * tickMs);
      expect(world.listed[slot]).toBe('made-1');
      expect(world.published.fingerprint).toBe(slot === 'primary' ? second : first);
      expect(tickUntil(world, policy, 'idle')).toBeDefined();
      expect(world.record.compromised).toBeUndefined();
      expect(Object.values(world.listed)).toEqual(expect.not.arrayContaining([slot === 'primary' ? first : second]));
    },
  );

  /** The secondary key is new, and a primary that changed outside has cut its settling short. */
  const cutShort = (propagationMs: number) => {
    const slow = { ...terms, propagationMs };
    const world = worldOf(recordOf({ terms: slow, recentTerms: slow }), now);
    tickUntil(world, policy, 'settling-secondary');
    tick(world, policy);
    regenerate(world, 'primary');
    tickUntil(world, policy, 'draining-secondary');
    return world;
  };
  const hour = 3_600_000;

  test('rollback to a key that has not settled is refused', () => {
    const world = cutShort(hour);
    expect(steer(world.record, { kind: 'rollback' }, world.now)).toEqual({ refusal: 'not-settled' });
  });

  test('emergency publishes no key that has not settled', () => {
    const world = cutShort(hour);
    ask(world, { kind: 'emergency', confirm: name });
    tickUntil(world, policy, 'draining-primary');
    const age = world.now - (world.madeAt.get(world.published.fingerprint) ?? 0);
    expect(age).toBeGreaterThanOrEqual(hour);
  });
});

describe('a dry run is what happens', () => {
  const compare = (record: RotationRecord) => {
    const world = worldOf(record, now);
    const planned = plan(record, policy, now);
    const happened = follow(world);
    expect(planned.map(({ state }) => state)).toEqual(namesOf(happened));
    return planned.map(({ notBefore }, at) => (happened[at]?.at ?? 0) - notBefore);
  };

  test('state by state, and no moment of it is too late', () => {
    expect(Math.min(...compare(recordOf()))).toBeGreaterThanOrEqual(0);
  });

  test.each<[string, RotationRecord]>([
    ['the primary, which is active', recordOf({ compromised: 'primary' })],
    ['the secondary, which is active', mirrored({ compromised: 'secondary' })],
    ['the secondary, which is not', recordOf({ compromised: 'secondary' })],
    ['the primary, though it is paused', recordOf({ compromised: 'primary', paused: true })],
    ['the active key while the other drains', mirrored({ compromised: 'secondary', state: drainingPrimary })],
    ['the retiring key', mirrored({ compromised: 'primary', state: drainingPrimary })],
    ['the active key while the other was never settled', recordOf({ compromised: 'primary', unsettled: 'secondary' })],
  ])('in an emergency as well: compromised is %s', (_which, record) => {
    const world = worldOf(record, now);
    const happened = record.paused ? followFor(world) : follow(world);
    expect(plan(record, policy, now).map(({ state }) => state)).toEqual(namesOf(happened));
  });

  test('and no moment is early by more than some ticks and a quarter of a promise', () => {
    expect(Math.max(...compare(recordOf()))).toBeLessThanOrEqual(10 * tickMs + terms.promiseMs / 4);
  });
});

describe('a dry run of what is paused', () => {
  test.each<[string, RotationRecord]>([
    ['at rest', recordOf({ paused: true })],
    ['draining the primary', mirrored({ paused: true, state: drainingPrimary })],
    ['draining the secondary', recordOf({ paused: true, state: { phase: 'draining', slot: 'secondary' } })],
    [
      'before a regenerate',
      recordOf({ paused: true, state: { phase: 'regenerating', slot: 'secondary', intent: undefined } }),
    ],
  ])('ends where the pause holds: %s', (_where, record) => {
    expect(plan(record, policy, now).map(({ state }) => state)).toEqual(namesOf(followFor(worldOf(record, now))));
  });
});

describe('after a gateway refused the active key', () => {
  /** Somebody regenerates the active key, and the other slot takes over. */
  const leave = (world: World) => {
    const { active, keys } = world.record;
    const fallen = fallBack(world.record, keys[active].fingerprint, keys[otherSlot(active)].fingerprint);
    if (!fallen) throw new Error('It could not.');
    regenerate(world, active);
    world.record = fallen;
  };

  test('the primary that was left is regenerated once nothing that was promised for it can be in use, and takes its place again', () => {
    const world = worldOf(recordOf({ dueAt: now + policy.everyMs }), now);
    const { promisedUntil } = world.record.keys.primary;
    leave(world);
    const entered = follow(world);
    expect(namesOf(entered)).toEqual(['publishing-secondary', 'draining-primary', ...cycleOf('primary'), 'idle']);
    const regenerating = entered.find(({ state }) => state === 'regenerating-primary')?.at;
    expect(regenerating).toBeGreaterThanOrEqual(promisedUntil + marginMs);
    expect(world.record).toMatchObject({ active: 'primary', unsettled: undefined, dueAt: now + policy.everyMs });
  });

  test('the secondary that was left is regenerated by a cycle that is due at once', () => {
    const world = worldOf(mirrored({ dueAt: now + policy.everyMs }), now);
    leave(world);
    expect(namesOf(follow(world))).toEqual(['publishing-primary', 'draining-secondary', 'idle']);
    expect(namesOf(follow(world)).slice(0, 3)).toEqual(['idle', 'regenerating-secondary', 'settling-secondary']);
  });

  test('an emergency waits until the slot that was left has settled', () => {
    const world = worldOf(recordOf(), now);
    leave(world);
    tickUntil(world, policy, 'draining-primary');
    ask(world, { kind: 'emergency', confirm: name });
    expect(namesOf(follow(world)).slice(1, 3)).toEqual(['settling-primary', 'publishing-primary']);
  });

  test('a rollback to the slot that was left is refused', () => {
    const world = worldOf(recordOf(), now);
    leave(world);
    tickUntil(world, policy, 'draining-primary');
    expect(steer(world.record, { kind: 'rollback' }, world.now)).toEqual({ refusal: 'not-settled' });
  });
});
