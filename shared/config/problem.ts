/** One thing that is wrong with the configuration, and what to do about it. */
export type ConfigProblem = {
  /** Where: `apis.payments.oauth.client`, or the name of an app setting. */
  readonly path: string;
  /** What is wrong, to be read after the path. */
  readonly problem: string;
  /** What to write instead. */
  readonly remedy: string;
};

/** Thrown with every problem at once. Its message lists them. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly ConfigProblem[];

  constructor(source: string, problems: readonly ConfigProblem[]) {
    const lines = problems.map(({ path, problem, remedy }) => `  ${path} ${problem}. ${remedy}`);
    super([`${source} has ${count(problems.length)}:`, ...lines].join('\n'));
    this.problems = problems;
  }
}

function count(problems: number): string {
  return problems === 1 ? '1 problem' : `${problems} problems`;
}
