import type { Clock } from '../../shared/clock.ts';
import type { Random } from '../../test/simulation/random.ts';
import { drawFault, gatewayCount, type Fault } from './faults.ts';

type Dependencies = {
  clock: Clock;
  random: Random;
  /** Makes a rule of the stack, which ends by itself. */
  fault: (rule: object) => Promise<unknown>;
  kill: (awayMs: number) => Promise<void>;
  onTrouble: (error: unknown) => void;
};

export type Weather = {
  start(): void;
  /** How many of each, and the longest that there was none: from one's beginning to the next one's. */
  figures(): { faults: number; byName: ReadonlyMap<string, number>; longestGapMs: number };
  /** Whether a gateway had a fault at any moment since then, monotonic. */
  readonly wasFaulty: (gateway: number, since: number) => boolean;
  stop(): void;
};

/** From the beginning of one fault to that of the next. */
const [leastPauseMs, mostPauseMs] = [3_000, 8_000];
/** What hung is handled after the fault's end, and what was slow comes late. */
const graceMs = 2_000;

/** Makes one fault after another, as they are drawn, from its start until it is stopped. */
export function createWeather({ clock, random, fault, kill, onTrouble }: Dependencies): Weather {
  const byName = new Map<string, number>();
  const faultyUntil = Array.from({ length: gatewayCount }, () => -Infinity);
  let [lastAt, longestGapMs, faults] = [clock.monotonic(), 0, 0];
  let cancel = (): void => {};

  const begin = ({ rule, lastsMs }: Fault): Promise<unknown> => {
    if (rule === 'kill') return kill(lastsMs);
    const { target, instance } = rule;
    if (target === 'gateway' && instance !== undefined)
      faultyUntil[instance] = Math.max(faultyUntil[instance] ?? 0, clock.monotonic() + lastsMs + graceMs);
    return fault({ ...rule, for: `${lastsMs}ms` });
  };

  const next = (): void => {
    const drawn = drawFault(random);
    const now = clock.monotonic();
    longestGapMs = Math.max(longestGapMs, now - lastAt);
    [lastAt, faults] = [now, faults + 1];
    byName.set(drawn.name, (byName.get(drawn.name) ?? 0) + 1);
    begin(drawn).catch(onTrouble);
    cancel = clock.after(random.between(leastPauseMs, mostPauseMs), next);
  };

  return {
    start: () => {
      lastAt = clock.monotonic();
      next();
    },
    figures: () => ({ faults, byName, longestGapMs: Math.max(longestGapMs, clock.monotonic() - lastAt) }),
    wasFaulty: (gateway, since) => (faultyUntil[gateway] ?? -Infinity) >= since,
    stop: () => cancel(),
  };
}
