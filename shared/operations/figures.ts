import type { Clock } from '../clock.ts';
import type { CallerName, Timestamp } from '../names.ts';
import { toTimestamp } from '../names.ts';
import type { Decision, Load, Meter } from '../telemetry/meter.ts';
import { createFailures, type LastFailure } from './failures.ts';
import { createIntervals } from './intervals.ts';

/** What one caller was answered since the instance started. */
type CallerFigures = {
  readonly allowed: number;
  readonly refused: number;
  readonly failed: number;
  /** When it last asked. */
  readonly lastOn: Timestamp | undefined;
};

/** What an instance did, in numbers that stand in its memory alone. Bounded by the configuration: a name that it does not have is not counted. */
export type Figures = {
  /** Counts. */
  readonly meter: Meter;
  ofCaller(name: CallerName): CallerFigures;
  failureOf(load: Load): LastFailure | undefined;
  series(): Series;
  /** What is counted from now on: what was counted before goes on, what is not named any more is forgotten. */
  use(counted: Counted): void;
};

/** Each for the last 60 minutes, oldest first; the last is under way. */
type Series = Readonly<
  Record<'handOuts' | 'refusals' | 'cacheHits' | 'cacheMisses' | 'upstreamLoads' | 'upstreamFailures', number[]>
>;

/** What can be counted. */
export type Counted = { callers: readonly CallerName[]; loads: readonly Load[] };

/** As it is counted: a moment is written out when it is asked for, not with each request. */
type Counts = { allowed: number; refused: number; failed: number; lastAtMs: number | undefined };
const startCounts = (): Counts => ({ allowed: 0, refused: 0, failed: 0, lastAtMs: undefined });
const handOut = 'headers.hand-out';

/** Counts nothing by name until it is told the names. */
export function createFigures(clock: Clock): Figures {
  let byCaller = new Map<CallerName, Counts>();
  const failures = createFailures(clock);
  const [handOuts, refusals, cacheHits, cacheMisses, upstreamLoads, upstreamFailures] = [
    createIntervals(clock),
    createIntervals(clock),
    createIntervals(clock),
    createIntervals(clock),
    createIntervals(clock),
    createIntervals(clock),
  ];

  const countCaller = ({ caller, action, outcome }: Decision) => {
    const counts = caller && byCaller.get(caller);
    if (!counts) return;
    if (action === handOut) counts[outcome] += 1;
    counts.lastAtMs = clock.wall();
  };

  const meter: Meter = {
    decided: (decision) => {
      countCaller(decision);
      if (decision.outcome !== 'allowed') refusals.count();
      else if (decision.action === handOut) handOuts.count();
    },
    asked: (_kind, isCached) => (isCached ? cacheHits : cacheMisses).count(),
    loaded: (load, _durationMs, reason) => {
      failures.note(load, reason);
      (reason === undefined ? upstreamLoads : upstreamFailures).count();
    },
    stepped: () => {},
    keyRefused: () => {},
    auditFailed: () => {},
  };

  return {
    meter,
    ofCaller: (name) => {
      const { lastAtMs, ...counts } = byCaller.get(name) ?? startCounts();
      return { ...counts, lastOn: lastAtMs === undefined ? undefined : toTimestamp(lastAtMs) };
    },
    failureOf: (load) => failures.of(load),
    use: ({ callers, loads }) => {
      byCaller = new Map(callers.map((name) => [name, byCaller.get(name) ?? startCounts()]));
      failures.use(loads);
    },
    series: () => ({
      handOuts: handOuts.list(),
      refusals: refusals.list(),
      cacheHits: cacheHits.list(),
      cacheMisses: cacheMisses.list(),
      upstreamLoads: upstreamLoads.list(),
      upstreamFailures: upstreamFailures.list(),
    }),
  };
}
