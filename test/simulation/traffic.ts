import { isGoodNow, type Issued } from './oracle.ts';
import type { Worker } from './worker.ts';
import type { World } from './world/world.ts';

/** Asks every instance for headers again and again. Every second caller whose headers are refused says so. */
export function startTraffic(worlds: readonly World[], workers: readonly Worker[]): Map<World, Issued[]> {
  const issued = new Map<World, Issued[]>(worlds.map((world) => [world, []]));

  const handOut = async (world: World, worker: Worker) => {
    const reader = worker.readerOf(world);
    if (!reader || worker.instance.isFrozen()) return;
    const set = await reader.headers();
    if (set === 'unavailable') return;
    const made = { ...set, at: world.schedule.now(), worker: worker.instance.index };
    issued.get(world)?.push(made);
    if (!isGoodNow(world, made) && world.random.chance(0.5)) reader.rejected(made.id);
  };

  const [{ schedule, random, weather } = fail()] = worlds;
  const goOn = () => {
    for (const world of worlds) for (const worker of workers) void handOut(world, worker);
    const isQuiet = weather.during('no tick for days') !== undefined;
    schedule.after(random.between(10_000, 60_000) * (isQuiet ? 20 : 1), goOn);
  };
  schedule.after(0, goOn);
  return issued;
}

function fail(): never {
  throw new RangeError('There is no subscription.');
}
