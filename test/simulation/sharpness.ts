import type { RotationRecord } from '../../shared/rotation/record.ts';
import { publishNotBefore, regenerateNotBefore, takeOverNotBefore } from '../../shared/rotation/terms.ts';
import { quarantineMs, truth, type History } from './history.ts';
import type { Worker } from './worker.ts';
import type { World } from './world/world.ts';

const farOffMs = 86_400_000;

/** Ticks at the very moment that a wait is over, on every worker's own clock; reads at the last moment that shows the old key. */
export function sharpen(
  world: World,
  workers: readonly Worker[],
  record: RotationRecord,
  before: RotationRecord | undefined,
): void {
  const { schedule, history, vault } = world;
  const until = nextMoment(record, history);
  for (const { instance, tick } of workers) {
    const at = until - instance.skew();
    if (at < schedule.now() + farOffMs) schedule.at(Math.max(at, schedule.now() + 1), tick);
  }
  if (record.switchedOn === before?.switchedOn || record.state.phase !== 'draining') return;
  const putAt = vault.stored.at(-1)?.at ?? schedule.now();
  for (const worker of workers) {
    schedule.at(putAt + truth.visibilityMs - 1, () => worker.readerOf(world)?.reread());
  }
}

function nextMoment({ state, terms, keys, switchedOn }: RotationRecord, { requestTimeoutMs }: History): number {
  switch (state.phase) {
    case 'idle':
      return 0;
    case 'settling':
      return publishNotBefore(terms, state.regeneratedAt);
    case 'draining':
      return regenerateNotBefore(terms, keys[state.slot].promisedUntil, switchedOn);
    default:
      if (!state.intent) return 0;
      if (state.intent.look) return state.intent.look.at + quarantineMs;
      return takeOverNotBefore(terms, requestTimeoutMs, state.intent.startedAt);
  }
}
