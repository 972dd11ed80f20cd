import type { Clock } from '../shared/clock.ts';

/** A stream that a person or a program reads. */
export type Output = {
  write(text: string): void;
  readonly isTerminal: boolean;
  /** Of the terminal, in characters; `undefined` where there is none. */
  size(): { readonly columns: number; readonly rows: number } | undefined;
};

/** All that the command line knows of the process that it runs in. */
export type Outside = {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** A pending `after` keeps the process alive. */
  readonly clock: Clock;
  readonly out: Output;
  readonly err: Output;
  /** Whether a person is there to be asked. */
  readonly canAsk: boolean;
  /** Asks on the terminal. Rejects once `interrupted`; an end of the input is an empty answer. */
  ask(question: string): Promise<string>;
  /** All that stands on the standard input. */
  readInput(): Promise<string>;
  /** Aborted by Ctrl-C, or by a signal that asks to end. */
  readonly interrupted: AbortSignal;
  /** Aborted when nobody reads what is printed any more. */
  readonly readerGone: AbortSignal;
  /** Sets environment variables of the process, for libraries that read them. */
  setEnvironment(values: Readonly<Record<string, string>>): void;
};
