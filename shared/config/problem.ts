import type { Named } from '../names.ts';

/** One thing that is wrong with the configuration, and what to do about it. */
export type ConfigProblem = {
  /** Where: `apis.payments.oauth.client`, or the name of an app setting. */
  readonly path: string;
  /** What is wrong, to be read after the path. */
  readonly problem: string;
  /** What to write instead. */
  readonly remedy: string;
};

/** A problem as it is told: its place, what is wrong, and what to do. Of the file it holds names of members, and no value. */
export type ProblemLine = Named<'problem'>;

/** Thrown with every problem at once. Its message lists them. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly ConfigProblem[];
  readonly lines: readonly ProblemLine[];

  constructor(source: string, problems: readonly ConfigProblem[]) {
    const lines = problems.map(toLine);
    super([`${source} has ${count(problems.length)}:`, ...lines.map((line) => `  ${line}`)].join('\n'));
    this.problems = problems;
    this.lines = lines;
  }
}

function toLine({ path, problem, remedy }: ConfigProblem): ProblemLine {
  return `${path} ${problem}. ${remedy}` as ProblemLine;
}

function count(problems: number): string {
  return problems === 1 ? '1 problem' : `${problems} problems`;
}
