import type { Fingerprint } from '../../shared/names.ts';
import { apply, type Event } from '../../shared/rotation/apply.ts';
import { decide, keysToTry } from '../../shared/rotation/decide.ts';
import type { Observation } from '../../shared/rotation/observation.ts';
import type { RotationPolicy } from '../../shared/rotation/policy.ts';
import { nameOf, type RotationRecord } from '../../shared/rotation/record.ts';
import type { Slot } from '../../shared/rotation/slot.ts';
import type { Step } from '../../shared/rotation/step.ts';
import { key } from './rotation-machine.ts';

/** What a machine that is well served acts on. */
export type World = {
  now: number;
  record: RotationRecord;
  listed: Readonly<Record<Slot, Fingerprint>>;
  published: NonNullable<Observation['published']>;
  /** When each key was made. */
  readonly madeAt: Map<Fingerprint, number>;
};

export const tickMs = 60_000;

/** A world as a record has it. */
export function worldOf(record: RotationRecord, now: number): World {
  const { primary, secondary } = record.keys;
  const { fingerprint, promisedUntil: safeUntil } = record.keys[record.active];
  const listed = { primary: primary.fingerprint, secondary: secondary.fingerprint };
  return {
    now,
    record,
    listed,
    published: { fingerprint, generation: record.generation, safeUntil },
    madeAt: new Map(),
  };
}

/** Somebody makes a new key. */
export function regenerate(world: World, slot: Slot): void {
  const made = key(`made-${world.madeAt.size + 1}`);
  world.madeAt.set(made, world.now);
  world.listed = { ...world.listed, [slot]: made };
}

/** One tick, in which every effect succeeds and every gateway accepts what is listed and nothing else. */
export function tick(world: World, policy: RotationPolicy, ms = tickMs): Step {
  world.now += ms;
  const step = decide(world.record, look(world), policy, world.now);
  const record = (event: Event) => {
    world.record = apply(world.record, event, world.now, policy.everyMs);
  };
  const claim = (fingerprintBefore: Fingerprint, safeUntil: number | undefined) =>
    record({
      kind: 'claimed',
      intent: { operationId: 'o', runner: 'r', startedAt: world.now, fingerprintBefore, look: undefined },
      safeUntil,
    });
  switch (step.kind) {
    case 'wait':
      break;
    case 'fail':
      record({ kind: 'failed', reason: step.reason });
      break;
    case 'enter':
      record({
        kind: 'entered',
        state: step.state,
        alert: step.alert,
        terms: step.startsCycle ? policy.terms : undefined,
      });
      break;
    case 'promise':
      record({ kind: 'promised', safeUntil: step.safeUntil });
      world.published = { ...world.published, generation: world.record.generation, safeUntil: step.safeUntil };
      break;
    case 'tag':
      world.published = { ...world.published, generation: world.record.generation, safeUntil: step.safeUntil };
      break;
    case 'look':
      record({ kind: 'looked', fingerprint: step.fingerprint });
      break;
    case 'regenerate':
      claim(step.fingerprintBefore, undefined);
      regenerate(world, step.slot);
      record({ kind: 'regenerated' });
      break;
    case 'publish': {
      const { slot, fingerprint, safeUntil } = step;
      const generation = world.record.generation + 1;
      claim(fingerprint, safeUntil);
      world.published = { fingerprint, generation, safeUntil };
      record({ kind: 'switched', slot, fingerprint, generation, safeUntil });
      break;
    }
    case 'switched':
      record(step);
      break;
  }
  return step;
}

function look({ record, listed, published, now }: World): Observation {
  const isListed = (fingerprint: Fingerprint) => Object.values(listed).includes(fingerprint);
  const tried = keysToTry(record, { listed, published }, now);
  const verdicts = new Map(
    tried.map((fingerprint) => [fingerprint, [isListed(fingerprint) ? ('accepted' as const) : ('refused' as const)]]),
  );
  return { listed, published, verdicts, isVaultWritable: true };
}

/** Ticks until the record comes to a state, and tells when; `undefined` when it does not. */
export function tickUntil(world: World, policy: RotationPolicy, state: string, ms = tickMs): number | undefined {
  for (let ticks = 0; ticks < 1_000; ticks += 1) {
    tick(world, policy, ms);
    if (nameOf(world.record.state) === state) return world.now;
  }
  return undefined;
}
