/** What the process ends with. `docs/cli.md` has this table; a test holds them together. */
export const exitCodes = {
  0: 'All is well, or it was done.',
  1: 'Something is wrong: a fault was found, a configuration is not valid, or the broker refused a command.',
  2: 'The command line is not understood, or something that it needs was not given. Nothing was changed.',
  3: 'The broker could not be reached, could not answer, or signing in failed.',
  4: 'Signed in, but the app role that this needs is missing.',
  130: 'Interrupted. `--watch` ends with 0 then.',
} as const;

export type ExitCode = keyof typeof exitCodes;
export const interrupted = 130 satisfies ExitCode;

/** What is told of a failure beside its sentence: facts of the broker's answer, for `--json`. */
export type FailureFacts = { readonly status?: number; readonly code?: string; readonly requestId?: string };

/** Why a command did not do what was asked, in words for whoever typed it, and what to do about it. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly exitCode: ExitCode;
  /** What to do: a line each. */
  readonly advice: readonly string[];
  readonly facts: FailureFacts;

  constructor(exitCode: ExitCode, message: string, advice: readonly string[] = [], facts: FailureFacts = {}) {
    super(message);
    this.exitCode = exitCode;
    this.advice = advice;
    this.facts = facts;
  }
}

/** The command line is not understood. */
export function refuse(message: string, ...advice: readonly string[]): never {
  throw new Failure(2, message, advice);
}
