import type { RotationPolicy } from '../../shared/rotation/policy.ts';
import type { Terms } from '../../shared/rotation/terms.ts';
import type { Log } from '../../shared/telemetry/log.ts';
import { quarantineMs, type History } from './history.ts';
import type { Instance } from './instance.ts';
import { createLine } from './line.ts';
import { createAuthorityPort, createProbePort } from './ports/api-management.ts';
import { createPublisherPort, createRecordPort, createStorePort } from './ports/storage.ts';
import { createFalling } from './falling.ts';
import { createReader, type Reader } from './reader.ts';
import { removeRule, removeTerm, type Removal } from './removals.ts';
import { createTicking, type Moved } from './ticking.ts';
import type { World } from './world/world.ts';

/** One instance of the app at work: a runner that ticks, and readers that hand out headers. */
export type Worker = {
  readonly instance: Instance;
  /** Moves each subscription by a step, if the one before has ended. */
  tick(): void;
  /** As a second timer does: whether or not a step is under way. */
  tickAnyway(): void;
  /** `undefined` while the instance is down. */
  readerOf(world: World): Reader | undefined;
  /** Ends it at once; it comes back, with what is configured then. */
  crash(): void;
};

type Desk = { readonly world: World; readonly moved: Moved; readonly reader: Reader };
type Options = {
  instance: Instance;
  worlds: readonly World[];
  /** What is configured now. */
  terms: () => Terms;
  log: Log;
  removal: Removal | undefined;
};

export function createWorker({ instance, worlds, terms, log, removal }: Options): Worker {
  const { schedule, random } = worlds[0] ?? fail();
  let desks: Desk[] = [];
  let turn: (() => Promise<void>) | undefined;
  let lives = 0;
  let busyIn: unknown;

  const start = () => {
    lives += 1;
    const configured = terms();
    const name = `runner-${instance.index}-${lives}`;
    desks = worlds.map((world) => openDesk(world, configured, name));
    turn = createTicking(
      desks.map(({ moved }) => moved),
      { clock: instance.clock, name, log },
    );
  };

  const openDesk = (world: World, configured: Terms, name: string): Desk => {
    const life = instance.life();
    const line = createLine({ world, instance, life, crash });
    const policy = createPolicy(removeTerm(configured, removal), world.history);
    const ports = { records: createRecordPort(world, line), publisher: createPublisherPort(world, line) };
    const { records, publisher } = removeRule(ports, removal, world.table, policy.requestTimeoutMs);
    const rotated = {
      subscription: world.name,
      policy,
      publisher,
      authority: createAuthorityPort(world, line),
      probe: createProbePort(world, line),
    };
    const fallBack = createFalling(
      { records, fingerprintOf: world.fingerprintOf },
      { clock: instance.clock, name, log },
    );
    const isCold = () => reader.isCold();
    const store = createStorePort(world, createLine({ world, instance, life, crash, isCold }), instance.index, isCold);
    const { fingerprintOf } = world;
    const reader = createReader(instance.clock, store, {
      ...configured,
      subscription: world.name,
      fingerprintOf,
      probeOf: () => (key, signal) => rotated.probe.try(key, signal),
      fallBack: (_subscription, refused) => fallBack(rotated, refused),
    });
    return { world, moved: { rotated, records, fingerprintOf }, reader };
  };

  const crash = () => {
    desks = [];
    turn = undefined;
    instance.crash();
    schedule.after(random.between(1, 60_000), () => {
      if (!turn) start();
    });
  };

  const move = async (life: unknown) => {
    busyIn = life;
    await turn?.();
    if (busyIn === life) busyIn = undefined;
  };
  const tick = (isForced: boolean) => {
    const life = instance.life();
    if (isForced || busyIn !== life) instance.resume(life, () => void move(life));
  };

  start();
  return {
    instance,
    tick: () => tick(false),
    tickAnyway: () => tick(true),
    readerOf: (world) => desks.find((desk) => desk.world === world)?.reader,
    crash,
  };
}

function createPolicy(terms: Terms, { everyMs, requestTimeoutMs, acceptsNeeded }: History): RotationPolicy {
  return {
    terms,
    everyMs,
    requestTimeoutMs,
    quarantineMs,
    acceptsNeeded,
    isManual: false,
    mayStart: () => true,
  };
}

function fail(): never {
  throw new RangeError('There is no subscription.');
}
