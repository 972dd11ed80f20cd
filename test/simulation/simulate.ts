import { createChronicle, type Chronicle, type Line } from './chronicle.ts';
import { attemptDeed } from './deeds.ts';
import { natureOf, type FaultKind } from './faults.ts';
import { stormMs, termsOf, tickMs, truth, type History } from './history.ts';
import { createInstance } from './instance.ts';
import { isGoodNow, judgeUses, measureRecoveries, type Issued, type Violation } from './oracle.ts';
import { createRandom, drawBackoffsFrom } from './random.ts';
import type { Removal } from './removals.ts';
import { createSchedule, type Schedule } from './schedule.ts';
import { sharpen } from './sharpness.ts';
import { startTraffic } from './traffic.ts';
import type { Point } from './weather.ts';
import { createWorker, type Worker } from './worker.ts';
import { createWorld } from './world/create-world.ts';
import type { Change } from './world/control-plane.ts';
import type { World } from './world/world.ts';

export type Outcome = {
  readonly uses: number;
  readonly issued: number;
  /** All that was handed out for the subscription that is not failing. */
  readonly sets: readonly Issued[];
  /** Uses that an outside hand or an emergency has spoilt. */
  readonly refusals: number;
  readonly violations: readonly Violation[];
  readonly faults: ReadonlyMap<FaultKind, number>;
  readonly recoveriesMs: readonly number[];
  /** Every write of the record and every effect, in order. */
  readonly points: readonly Point[];
  /** Of every key of the subscription that is not failing. */
  readonly changes: readonly Change[];
  readonly lines: readonly Line[];
  readonly trace: readonly string[];
};

type Options = { readonly removal?: Removal | undefined; readonly isTraced?: boolean };
type Stage = {
  readonly history: History;
  readonly schedule: Schedule;
  readonly chronicle: Chronicle;
  readonly worlds: readonly World[];
  /** The world in which things happen. */
  readonly world: World;
  readonly workers: readonly Worker[];
  readonly configured: Parameters<typeof attemptDeed>[0]['configured'];
};

/** Lives through one history: a storm, in which its faults happen, and fair weather, in which everything must come right. */
export async function simulate(history: History, { removal, isTraced = false }: Options = {}): Promise<Outcome> {
  const restoreChance = drawBackoffsFrom(createRandom(history.seed + 2));
  try {
    const stage = setUp(history, removal, isTraced);
    for (const worker of stage.workers) startTicking(stage, worker);
    const issued = startTraffic(stage.worlds, stage.workers);
    startDeeds(stage);
    await liveThroughStorm(stage);
    await liveThroughFairWeather(stage, issued);
    return judge(stage, issued);
  } finally {
    restoreChance();
  }
}

function setUp(history: History, removal: Removal | undefined, isTraced: boolean): Stage {
  const schedule = createSchedule(Date.UTC(2026, 10, 24, 3));
  const random = createRandom(history.seed);
  const chronicle = createChronicle(schedule, isTraced);
  const configured = { terms: termsOf(history) };
  const workers: Worker[] = [];
  const dependencies = { history, schedule, random, chronicle, configured };
  const onWrite: Parameters<typeof createWorld>[0]['onWrite'] = (of, record, before) => {
    if (history.isSharp) sharpen(of, workers, record, before);
  };
  const world = createWorld({ ...dependencies, onWrite }, 'okq8-core', false);
  const neighbours = history.hasFailingNeighbour
    ? [createWorld({ ...dependencies, onWrite }, 'okq8-payments', true)]
    : [];
  const worlds = [world, ...neighbours];
  for (const [index, part] of history.skews.entries()) {
    if (part !== 0) world.weather.show('clock skew');
    const instance = createInstance(schedule, index, part * truth.skewMs);
    workers.push(createWorker({ instance, worlds, terms: () => configured.terms, log: chronicle.log, removal }));
  }
  return { history, schedule, chronicle, worlds, world, workers, configured };
}

function hasNoTicks({ weather }: World): boolean {
  return weather.during('no tick for days') !== undefined;
}

function startTicking({ schedule, world }: Stage, worker: Worker): void {
  const goOn = () => {
    if (!hasNoTicks(world)) worker.tick();
    schedule.after(tickMs, goOn);
  };
  schedule.after(world.random.between(0, tickMs), goOn);
}

const deedsEveryMs = 5_000;

function startDeeds({ history, schedule, world, workers, configured }: Stage): void {
  let left = history.faults.filter(({ kind }) => natureOf(kind).how === 'deed');
  const goOn = () => {
    if (world.weather.isOver()) return;
    const done = left.filter(
      (fault) => world.weather.isDue(fault) && attemptDeed({ world, workers, configured }, fault),
    );
    for (const { kind } of done) world.weather.note(kind);
    left = left.filter((fault) => !done.includes(fault));
    if (left.length > 0) schedule.after(deedsEveryMs, goOn);
  };
  goOn();
}

async function liveThroughStorm({ history, schedule, world, worlds, chronicle }: Stage): Promise<void> {
  await schedule.run(schedule.now() + (history.stormMs ?? stormMs));
  while (hasNoTicks(world)) await schedule.run(schedule.now() + 3_600_000);
  world.weather.clear();
  world.table.amend((record) => ({ ...record, paused: false }));
  chronicle.note(() => '=== fair');
  const isTold = ({ event, fields }: Line) =>
    event === 'rotation-failed' && worlds.some(({ isFailing, name }) => isFailing && name === fields['subscription']);
  if (chronicle.lines.some(isTold)) world.weather.show('two subscriptions, one failing');
}

/** Both keys must be rotated once more, and every instance hand out good headers. */
async function liveThroughFairWeather(stage: Stage, issued: ReadonlyMap<World, Issued[]>): Promise<void> {
  const { schedule, chronicle, world, workers, configured } = stage;
  const fairAt = schedule.now();
  const isDone = () => {
    const rotated = world.controlPlane.changes.filter(({ at, cause }) => at > fairAt && cause !== 'outside');
    return new Set(rotated.map(({ slot }) => slot)).size === 2 && world.table.current()?.record.state.phase === 'idle';
  };
  const { promiseMs, propagationMs } = configured.terms;
  await schedule.run(fairAt + 10 * (promiseMs + propagationMs + 3_600_000), isDone);
  if (!isDone()) chronicle.violate('stuck', JSON.stringify(world.table.current()?.record));
  const doneAt = schedule.now();
  await schedule.run(doneAt + 900_000);
  for (const { instance } of workers) {
    const last = issued.get(world)?.findLast(({ worker }) => worker === instance.index);
    if (!last || last.at < doneAt || !isGoodNow(world, last)) {
      chronicle.violate('no good header at the end', `worker ${instance.index}`);
    }
  }
}

function judge({ history, schedule, chronicle, worlds, world }: Stage, issued: ReadonlyMap<World, Issued[]>): Outcome {
  const setsOf = (of: World) => issued.get(of) ?? [];
  const verdicts = worlds.map((of) => judgeUses(of, setsOf(of), createRandom(history.seed + 1)));
  const sum = (counted: readonly number[]) => counted.reduce((total, count) => total + count, 0);
  return {
    uses: sum(verdicts.map(({ uses }) => uses)),
    issued: sum(worlds.map((of) => setsOf(of).length)),
    sets: setsOf(world),
    refusals: sum(verdicts.map(({ excused }) => excused)),
    violations: [...chronicle.violations, ...verdicts.flatMap(({ violations }) => violations)],
    faults: chronicle.faults,
    recoveriesMs: measureRecoveries(world, setsOf(world)),
    points: world.weather.points,
    changes: world.controlPlane.changes,
    lines: chronicle.lines,
    trace: [...chronicle.trace, `until ${new Date(schedule.now()).toISOString()}`],
  };
}
