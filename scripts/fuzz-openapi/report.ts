import { findCanaries } from '../canaries.ts';
import type { OpenApiDocument } from '../openapi/types.ts';
import { toCurl } from './case.ts';
import type { Failure, Tally } from './run.ts';
import type { Target } from './target.ts';
import { authorizationsForShell } from './tokens.ts';

export type Fuzzed = {
  readonly seed: number;
  readonly seconds: number;
  readonly tally: Tally;
  /** What is wrong beside the answers: see `findShortfalls`. */
  readonly shortfalls: readonly string[];
};

/** From this many requests on, each operation must have been answered well at least once. */
const fullRequests = 2_000;

/** Why a fuzz has not shown what it is to show, though no answer was wrong. Empty where it has. */
export function findShortfalls({ paths }: OpenApiDocument, tally: Tally, lines: readonly string[]): string[] {
  const shortfalls = lines.flatMap((line) => findCanaries(line).map((at) => `the broker printed a secret (${at})`));
  const unexpected = lines.filter((line) => /unexpected-error|could not be answered|ended by itself/.test(line));
  if (unexpected.length > 0) shortfalls.push(`the broker told of ${unexpected.length} errors: ${unexpected[0]}`);
  if (tally.requests < fullRequests) return shortfalls;
  const operations = Object.entries(paths).flatMap(([path, item]) =>
    Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const unanswered = operations.filter((name) => !hasGood(tally.answers.get(name)));
  return [...shortfalls, ...unanswered.map((name) => `${name} was never answered well`)];
}

function hasGood(statuses: ReadonlyMap<number, number> = new Map()): boolean {
  return Array.from(statuses.keys()).some((status) => status >= 200 && status < 300);
}

/** The figures, for a program. */
export function toFigures({ seed, seconds, tally, shortfalls }: Fuzzed): object {
  const { requests, failures } = tally;
  const rows = sorted(tally).map(([operation, statuses]) => ({ operation, statuses: Object.fromEntries(statuses) }));
  return { requests, failures: failures.length, shortfalls, rows, seconds, seed };
}

/** The figures, for a person. */
export function toTable({ seed, seconds, tally }: Fuzzed): string {
  const rows = sorted(tally).map(([name, statuses]) => [
    name,
    Array.from(statuses)
      .toSorted(([one], [other]) => one - other)
      .map(([status, times]) => `${status}: ${times.toLocaleString('en')}`)
      .join(', '),
  ]);
  const width = Math.max(...rows.map(([name = '']) => name.length));
  const lines = rows.map(([name = '', statuses]) => `  ${name.padEnd(width)}  ${statuses}`);
  const { requests, failures } = tally;
  const sum = `${requests.toLocaleString('en')} requests in ${seconds.toFixed(1)} s, ${failures.length} failures, seed ${seed}`;
  return `${[...lines, '', sum].join('\n')}\n`;
}

function sorted({ answers }: Tally): [string, Map<number, number>][] {
  return Array.from(answers).toSorted(([one], [other]) => (one < other ? -1 : 1));
}

/** A failure, with what sends its request again. Where the broker was one of the fuzz's own, to one that `npm start` has started. */
export function describeFailure({ broker, control }: Pick<Target, 'broker' | 'control'>, failure: Failure): string {
  const { index, sent, wrong } = failure;
  const curl = toCurl(broker, sent, authorizationsForShell(control, sent.token));
  return [`Request ${index}, token: ${sent.token}`, ...wrong.map((each) => `  ${each}`), `  ${curl}`].join('\n');
}
