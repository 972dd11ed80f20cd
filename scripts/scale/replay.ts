import { createRandom, type Random } from '../../test/simulation/random.ts';
import type { Clock } from '../../shared/clock.ts';
import { neverAborted } from '../../shared/deadline.ts';
import { BrokerError } from '../../shared/errors.ts';
import type { Summary } from './counts.ts';
import { createEventClock } from './event-clock.ts';
import type { Requirement } from '../../shared/credentials/header-set.ts';
import { createInstance, type Cures, type Instance, type Size } from './instance.ts';
import type { Scenario } from './scenarios.ts';
import { createUpstreams } from './upstreams.ts';

export type Replay = {
  readonly size: Size;
  /** How many instances are lived through; each stands for as many others as it takes. */
  readonly simulated: number;
  /** How long it is between two hand-outs for one API at one instance, in the mean. */
  readonly everyMs: number;
  readonly seed: number;
};

/** What a scenario came to, for all instances. */
export type Outcome = {
  readonly vault: Summary;
  /** Answered with 429, of those. */
  readonly refused: number;
  readonly tokens: Summary;
  readonly signingKeys: Summary;
  /** Of the hand-outs that were asked for while it was counted, the part that could not be made. From 0 to 1. */
  readonly failedPart: number;
  /** How long after the start of an instance a first hand-out was made for 99 of 100 APIs; `undefined` where that was never. */
  readonly servedAfterMs: number | undefined;
};

/** Lives through a scenario. The same seed gives the same. */
export async function replay(
  scenario: Scenario,
  cures: Cures,
  { size, simulated, everyMs, seed }: Replay,
): Promise<Outcome> {
  const clock = createEventClock();
  const random = createRandom(seed);
  const weight = size.instances / simulated;
  const upstreams = createUpstreams(clock, scenario.weather, weight);
  const asking = createAsking(clock, random, everyMs, scenario.weather);

  const start = () => {
    const instance = createInstance({ clock, upstreams, random: () => random.next() }, size, cures);
    void instance.warmUp();
    asking.of(instance);
  };
  for (let index = 0; index < simulated; index += 1) clock.after(scenario.startsAt(index / simulated), start);
  // Retries are spread by chance as well, which the caches take from here.
  const chance = Math.random;
  Math.random = () => random.next();
  try {
    await clock.runUntil(scenario.weather.countedUntilMs);
  } finally {
    Math.random = chance;
  }
  return { ...upstreams.summary(), ...asking.outcome(simulated * size.apis) };
}

/**
 * Callers, who ask each instance for each API as if by chance. A hand-out from what is cached and not due to be refreshed changes nothing, so it
 * is left out: the next that counts comes as long after the refresh is due as the next would.
 */
function createAsking(
  clock: Clock,
  random: Random,
  everyMs: number,
  { countedFromMs, countedUntilMs }: Scenario['weather'],
) {
  let [asked, failed] = [0, 0];
  const servedAfter: number[] = [];
  const untilNext = () => -Math.log(1 - random.next()) * everyMs;
  const countedBetween = (from: number, to: number) =>
    Math.max(0, Math.min(to, countedUntilMs) - Math.max(from, countedFromMs));

  const askFor = ({ headerSets, refreshAt }: Instance, requirement: Requirement) => {
    const startedAt = clock.monotonic();
    let isServed = false;
    const askAfter = (ms: number) => clock.after(ms + untilNext(), () => void ask());
    const ask = async () => {
      const now = clock.monotonic();
      try {
        await headerSets.handOut(requirement, neverAborted);
        if (!isServed) servedAfter.push(clock.monotonic() - startedAt);
        isServed = true;
        askAfter(Math.max(0, refreshAt(requirement) - clock.monotonic()));
      } catch (error) {
        const restMs = error instanceof BrokerError ? (error.retryAfterMs ?? 0) : 0;
        // While a source is left alone, all that ask fail alike.
        if (now >= countedFromMs) failed += 1 + countedBetween(now, now + restMs) / everyMs;
        askAfter(restMs);
      }
    };
    askAfter(0);
  };

  const verifyCallersOf = ({ signingKeys }: Pick<Instance, 'signingKeys'>) => {
    signingKeys.load(neverAborted).catch(() => {});
    clock.after(everyMs, () => verifyCallersOf({ signingKeys }));
  };

  const of = (instance: Instance) => {
    asked += (instance.requirements.length * countedBetween(clock.monotonic(), Infinity)) / everyMs;
    verifyCallersOf(instance);
    for (const requirement of instance.requirements) askFor(instance, requirement);
  };

  return {
    of,
    outcome: (served: number) => ({
      failedPart: failed / asked,
      servedAfterMs: servedAfter.toSorted((one, other) => one - other)[Math.ceil(served * 0.99) - 1],
    }),
  };
}
