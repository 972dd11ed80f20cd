import type { Random } from './random.ts';
import { truth } from './history.ts';
import type { World } from './world/world.ts';

/** A header set that was handed out. Times are true, but for `expiresOn`, which is what the caller was told. */
export type Issued = {
  readonly key: string;
  readonly generation: number;
  readonly at: number;
  readonly expiresOn: number;
  readonly worker: number;
};

/** A promise that was broken. */
export type Violation = { readonly what: string; readonly at: number; readonly detail: string };

export type Verdict = { uses: number; excused: number; violations: Violation[]; recoveriesMs: number[] };

/**
 * Uses every header set until it expires, by callers whose clocks may be off by ε, at every node of every gateway. A node must take its key,
 * unless an outside hand or an emergency has put an end to it.
 */
export function judgeUses(world: World, issued: readonly Issued[], random: Random): Verdict {
  const verdict: Verdict = { uses: 0, excused: 0, violations: [], recoveriesMs: [] };
  for (const set of issued) {
    for (let node = 0; node < world.gateways.nodeCount; node += 1) {
      const last = set.expiresOn + truth.skewMs + truth.flightMs;
      use(world, set, node, last, verdict);
      use(world, set, node, set.at + Math.floor(random.next() * (last - set.at)), verdict);
    }
  }
  return verdict;
}

function use(world: World, set: Issued, node: number, at: number, verdict: Verdict): void {
  verdict.uses += 1;
  if (world.gateways.accepts(node, set.key, at)) return;
  if (isExcused(world, set.key, at)) verdict.excused += 1;
  else verdict.violations.push({ what: 'refused', at, detail: describe(world, set, node, at) });
}

function isExcused({ controlPlane, outages }: World, key: string, at: number): boolean {
  if (outages.some(({ from, to }) => at >= from && at <= to)) return true;
  const end = controlPlane.endOf(key, at);
  if (end) return end.cause !== 'rotation';
  // Alive, and not yet known at the gateway.
  const begun = controlPlane.changes.findLast((change) => change.key === key && change.at <= at);
  return begun?.cause === 'outside';
}

function describe({ controlPlane, schedule, vault }: World, set: Issued, node: number, at: number): string {
  const end = controlPlane.endOf(set.key, at);
  const published = vault.stored.findLast((version) => version.key !== set.key && version.at <= set.at);
  const seconds = (ms: number) => ((ms - set.at) / 1_000).toFixed(3);
  const ended = end ? `regenerated at ${seconds(end.at)} s` : 'not known there yet';
  return (
    `generation ${set.generation} of worker ${set.worker} at node ${node}: handed out at 0 s, expires on ${seconds(set.expiresOn)} s, ` +
    `used until ${seconds(at)} s; ${ended}; another key published at ${published ? seconds(published.at) : '-'} s; ` +
    `now ${seconds(schedule.now())} s`
  );
}

/** After each end of a published key by an outside hand: how long until each worker hands out what every gateway takes. */
export function measureRecoveries(world: World, issued: readonly Issued[]): number[] {
  const { controlPlane, vault } = world;
  const ends = controlPlane.changes.filter(({ cause, at, slot }) => {
    const published = vault.stored.findLast((version) => version.at <= at)?.key;
    return cause === 'outside' && published !== undefined && controlPlane.keyIn(slot, at - 1) === published;
  });
  return ends.flatMap(({ at }) => {
    const workers = new Set(issued.map(({ worker }) => worker));
    return Array.from(workers, (worker) => {
      const good = issued.find((set) => set.worker === worker && set.at >= at && isGoodNow(world, set));
      return good ? good.at - at : Infinity;
    });
  });
}

export function isGoodNow({ gateways }: World, { key, at }: Issued): boolean {
  return Array.from({ length: gateways.nodeCount }, (_, node) => node).every((node) => gateways.accepts(node, key, at));
}
