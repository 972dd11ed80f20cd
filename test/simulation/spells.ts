import type { Fault } from './faults.ts';
import { truth, type History } from './history.ts';
import type { Spell } from './weather.ts';
import type { World } from './world/world.ts';

const minutes = 60_000;
const days = 1_440 * minutes;

/** How long a spell lasts, in milliseconds. */
export function lengthOf({ kind, degree }: Fault, { promiseMs }: History): number {
  const between = (least: number, most: number) => Math.floor(least + degree * (most - least));
  const { readAgeMs, headerLifetimeMs } = truth;
  switch (kind) {
    case 'no tick for days':
      return between(2 * days, 3 * days);
    case 'Key Vault read-only through a whole drain':
    case 'Key Vault not writable for longer than P':
      return between(promiseMs + 10 * minutes, promiseMs + 30 * minutes);
    case 'Key Vault down longer than C, before safeUntil':
      return between(readAgeMs + 10_000, Math.max(2 * readAgeMs, promiseMs / 2));
    case 'Key Vault out of reach of one instance':
      return between(promiseMs / 2, promiseMs + 10 * minutes);
    case 'Key Vault down longer than C, past safeUntil':
      return between(promiseMs, promiseMs + headerLifetimeMs + readAgeMs + 10 * minutes);
    case 'gateway offline while settling':
    case 'stale list':
      return between(5 * minutes, 40 * minutes);
    default:
      return between(2 * minutes, 20 * minutes);
  }
}

/** What a spell does where it begins, and what undoes it. Most spells only turn requests away. */
export function beginSpell(world: World, { fault: { kind }, until }: Spell): (() => void) | undefined {
  const { vault, schedule, outages, gateways, controlPlane, history } = world;
  switch (kind) {
    case 'newest version disabled': {
      const disabled = vault.newest()?.id;
      vault.setEnabled(false);
      return () => {
        if (vault.newest()?.id === disabled) vault.setEnabled(true);
      };
    }
    case 'newest version deleted':
      return vault.remove();
    case 'newest version purged':
      vault.remove();
      return () => {
        const active = world.table.current()?.record.active ?? 'primary';
        if (!vault.newest()) vault.store(controlPlane.keyIn(active), undefined);
      };
    case 'subscription suspended mid-cycle':
    case 'subscription deleted mid-cycle': {
      const outage = { from: schedule.now(), to: until };
      outages.push(outage);
      return () => {
        outage.to = Math.min(until, schedule.now());
      };
    }
    case 'gateway offline while settling': {
      // Where one of several nodes is cut off, a probe that another answers cannot tell.
      const lonely = history.nodes.indexOf(1);
      if (lonely === -1) return undefined;
      gateways.cutOff(lonely, until, schedule.now());
      return () => {};
    }
    default:
      return undefined;
  }
}
