import type { Weather } from './upstreams.ts';

const minuteMs = 60_000;

/** When instances start, what the vault does, and what is counted. Milliseconds from the start. */
export type Scenario = {
  readonly name: string;
  readonly title: string;
  readonly weather: Weather;
  /**
   * When an instance starts.
   *
   * @param part which it is of all: from 0, below 1.
   */
  startsAt(part: number): number;
};

/** Instances start in ten groups, as a deployment in waves or a scale-out has them. */
const inGroups = (everyMs: number) => (part: number) => Math.floor(part * 10) * everyMs;
/** When the last group has been there for five minutes. */
const settledMs = 50 * minuteMs;

export const scenarios: readonly Scenario[] = [
  {
    name: 'scale-out',
    title: 'Scale-out, all instances at once',
    weather: { countedFromMs: 0, countedUntilMs: 45 * minuteMs, throttledFromMs: 0 },
    startsAt: () => 0,
  },
  {
    name: 'bursts',
    title: 'Scale-out, a tenth of the instances every three minutes',
    weather: { countedFromMs: 0, countedUntilMs: 35 * minuteMs, throttledFromMs: 0 },
    startsAt: inGroups(3 * minuteMs),
  },
  {
    name: 'steady',
    title: 'Steady state, a tenth of the instances started every five minutes before',
    weather: { countedFromMs: settledMs, countedUntilMs: settledMs + 15 * minuteMs, throttledFromMs: settledMs },
    startsAt: inGroups(5 * minuteMs),
  },
  {
    name: 'mass-refresh',
    title: 'Mass refresh, all instances loaded all they have in the same seconds before',
    weather: { countedFromMs: minuteMs, countedUntilMs: 56 * minuteMs, throttledFromMs: minuteMs },
    startsAt: () => 0,
  },
  {
    name: 'outage',
    title: 'Outage, the vault refuses every read for ten minutes, and is counted for ten more',
    weather: {
      countedFromMs: settledMs,
      countedUntilMs: settledMs + 20 * minuteMs,
      throttledFromMs: settledMs,
      outage: { fromMs: settledMs, untilMs: settledMs + 10 * minuteMs },
    },
    startsAt: inGroups(5 * minuteMs),
  },
];
