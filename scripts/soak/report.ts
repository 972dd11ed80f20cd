import type { Broken } from './judge.ts';
import { isWithinNoise, meanOf, slopeOf, type Slope } from './slope.ts';
import { handlesOf, socketsOf, type Weight } from './weight.ts';

/** What a soak came to, under the names that `--json` prints. */
export type Outcome = {
  readonly seed: number;
  readonly minutes: number;
  readonly requests: number;
  readonly handOuts: number;
  /** Those of them that were looked for in the audit trail, and found. */
  readonly handOutsOnRecord: number;
  readonly uses: number;
  /** Uses that were not made because their time had come, and that met a gateway with a fault. */
  readonly usesLate: number;
  readonly usesSpoilt: number;
  readonly slowestMs: number;
  /** Requests to an instance that was killed meanwhile. */
  readonly unanswered: number;
  /** Requests of which nothing is said as to time, because the process that made them was late itself. */
  readonly untimed: number;
  readonly kills: number;
  readonly rotations: Readonly<Record<string, number>>;
  readonly longestWithoutRotationS: number;
  readonly faults: number;
  readonly faultKinds: number;
  readonly longestWithoutFaultS: number;
  /** What callers were answered, and for which reason by the audit trail. */
  readonly refusals: Readonly<Record<string, number>>;
  readonly reasons: Readonly<Record<string, number>>;
  /** What the instances logged. `audit-unwritten`: a record was not accepted, and what it allowed was answered 503. */
  readonly events: Readonly<Record<string, number>>;
  readonly violations: Readonly<Record<string, number>>;
  /** Of the instance that is never killed. */
  readonly heap: Kept | undefined;
  /** Of the heap: what is compiled code, and all else, which is what a leak would be in. */
  readonly code: Kept | undefined;
  readonly rest: Kept | undefined;
  readonly external: Kept | undefined;
  readonly handles: Kept | undefined;
  readonly sockets: Kept | undefined;
};

/** How much of something the process keeps: at first and at last, at most, and what is added in an hour, without what was before it was warm. */
type Kept = {
  readonly first: number;
  readonly last: number;
  readonly most: number;
  readonly mean: number;
  readonly slope: Slope | undefined;
};

/** Before this share of the time is over, nothing is reckoned: caches fill, and code is compiled, which is on the heap too. */
const warmUp = 1 / 2;
/** A slope of a shorter run says nothing of an hour. */
const leastMinutesForSlope = 20;
/** The share of requests that may be without a time. */
const mostUntimed = 0.05;
const [mostRotationGapS, mostFaultGapS] = [180, 10];

function keptOf(weights: readonly Weight[], valueOf: (weight: Weight) => number): Kept | undefined {
  const warm = weights.slice(Math.floor(weights.length * warmUp));
  const samples = warm.map((weight) => ({ atMs: weight.atMs, value: valueOf(weight) }));
  const [first, last] = [samples[0], samples.at(-1)];
  if (!first || !last) return undefined;
  const values = samples.map(({ value }) => value);
  const [most, mean] = [Math.max(...values), meanOf(values)];
  return { first: first.value, last: last.value, most, mean, slope: slopeOf(samples) };
}

export function keptByProcess(weights: readonly Weight[]) {
  return {
    heap: keptOf(weights, ({ heap }) => heap),
    code: keptOf(weights, ({ code }) => code),
    rest: keptOf(weights, ({ heap, code }) => heap - code),
    external: keptOf(weights, ({ external }) => external),
    handles: keptOf(weights, handlesOf),
    sockets: keptOf(weights, socketsOf),
  };
}

/** Whether what a process keeps grows by more than noise. A run that is too short tells nothing. */
function grows(kept: Kept | undefined, minutes: number): boolean {
  if (!kept?.slope || minutes < leastMinutesForSlope) return false;
  return !isWithinNoise(kept.slope, kept.mean);
}

/** Why the soak does not show what it is to show; empty where it does. */
export function problemsOf(outcome: Outcome): string[] {
  const { violations, rest, minutes, longestWithoutRotationS, longestWithoutFaultS, handOuts, untimed, requests } =
    outcome;
  const total = Object.values(violations).reduce((sum, count) => sum + count, 0);
  return [
    ...(total > 0 ? [`Violations: ${total}.`] : []),
    ...(untimed > mostUntimed * requests ? ['This process was late too often to say how long answers take.'] : []),
    ...(handOuts === 0 ? ['Nothing was handed out.'] : []),
    ...(grows(rest, minutes) ? ['The heap grows.'] : []),
    ...(longestWithoutRotationS > mostRotationGapS ? [`No key was regenerated for ${longestWithoutRotationS} s.`] : []),
    ...(longestWithoutFaultS > mostFaultGapS ? [`There was no fault for ${longestWithoutFaultS} s.`] : []),
  ];
}

const guarantees: readonly Broken[] = [1, 2, 3, 4, 5, 6, 7, 8];

export function describeOutcome(outcome: Outcome): string {
  const { heap, code, rest, external, handles, sockets, violations, minutes } = outcome;
  const rows: [string, string][] = [
    ['seed, minutes', `${outcome.seed}, ${minutes}`],
    [
      'requests',
      `${count(outcome.requests)}, the slowest ${count(outcome.slowestMs)} ms; ${count(outcome.untimed)} without a time, this process being late`,
    ],
    ['hand-outs', `${count(outcome.handOuts)}, on record ${count(outcome.handOutsOnRecord)}`],
    [
      'uses',
      `${count(outcome.uses)}, ${count(outcome.usesSpoilt)} at a faulty gateway; ${count(outcome.usesLate)} too late to make`,
    ],
    ['keys regenerated', `${list(outcome.rotations)}; at most ${outcome.longestWithoutRotationS} s between two`],
    [
      'faults',
      `${count(outcome.faults)} of ${outcome.faultKinds} kinds; at most ${outcome.longestWithoutFaultS} s between two beginnings`,
    ],
    ['kills', `${outcome.kills}, ${outcome.unanswered} requests unanswered`],
    ['refusals', list(outcome.refusals)],
    ['reasons on record', list(outcome.reasons)],
    ['log lines', list(outcome.events)],
    ['violations', guarantees.map((each) => `${each}: ${violations[each] ?? 0}`).join(', ')],
    ['  of the contract', String(violations['contract'] ?? 0)],
    ['heap, MB', `${describeKept(heap, inMegabytes)}; slope ${describeSlope(heap)}`],
    ['  compiled code', `${describeKept(code, inMegabytes)}; slope ${describeSlope(code)}`],
    ['  the rest', describeKept(rest, inMegabytes)],
    ['  slope of the rest', `${describeSlope(rest)}: ${grows(rest, minutes) ? 'IT GROWS' : verdictOf(minutes)}`],
    ['buffers, MB', `${describeKept(external, inMegabytes)}; slope ${describeSlope(external)}`],
    ['handles', `${describeKept(handles, count)}${perHour(handles)}`],
    ['open sockets', `${describeKept(sockets, count)}${perHour(sockets)}`],
  ];
  return `\n${rows.map(([name, value]) => `  ${name.padEnd(22)}${value}\n`).join('')}`;
}

function verdictOf(minutes: number): string {
  return minutes < leastMinutesForSlope ? 'too short to tell' : 'within noise';
}

function describeKept(kept: Kept | undefined, show: (value: number) => string): string {
  if (!kept) return 'not weighed';
  const { first, last, most } = kept;
  return `warm ${show(first)}, at last ${show(last)}, at most ${show(most)}`;
}

function describeSlope(kept: Kept | undefined): string {
  if (!kept?.slope) return 'none';
  const { perHour: slope, error } = kept.slope;
  const megabytes = (bytes: number) => (bytes / 1_000_000).toFixed(3);
  return `${megabytes(slope)} ± ${megabytes(1.96 * error)} MB an hour`;
}

function perHour(kept: Kept | undefined): string {
  if (!kept?.slope) return '';
  return `; ${kept.slope.perHour.toFixed(1)} ± ${(1.96 * kept.slope.error).toFixed(1)} an hour`;
}

function list(counts: Readonly<Record<string, number>>): string {
  const parts = Object.entries(counts)
    .toSorted(([, one], [, other]) => other - one)
    .map(([name, value]) => `${name} ${count(value)}`);
  return parts.join(', ') || 'none';
}

const inMegabytes = (bytes: number): string => (bytes / 1_000_000).toFixed(2);
const count = (value: number): string => Math.round(value).toLocaleString('en');
