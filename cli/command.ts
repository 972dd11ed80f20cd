import type { Outside } from './outside.ts';
import type { ExitCode } from './failure.ts';
import { readArguments } from './arguments.ts';

/** An option of a command, as `node:util` parses it and `--help` explains it. */
type Option = {
  readonly type: 'string' | 'boolean';
  /** How `--help` calls its value. */
  readonly value?: string;
  readonly help: string;
};
export type Options = Readonly<Record<string, Option>>;

/** What was given for the options: absent where nothing was. */
export type Values<O extends Options> = {
  readonly [Name in keyof O]?: O[Name]['type'] extends 'boolean' ? boolean : string;
};

/** What a command was given: its options and the global ones, and its arguments, of which all are there. */
export type Given<O extends Options = typeof globalOptions> = {
  readonly values: Values<O> & Values<typeof globalOptions>;
  readonly operands: readonly string[];
};

/** What every command takes. */
export const globalOptions = {
  url: { type: 'string', value: 'URL', help: 'The broker. Default: BROKER_URL, else the local stack’s, if one runs.' },
  auth: {
    type: 'string',
    value: 'HOW',
    help: 'cli, managed-identity or local. Default: local on the local stack, managed-identity where there is one, else cli.',
  },
  audience: {
    type: 'string',
    value: 'ID',
    help: 'The broker’s registration: its client id or application ID URI. Default: BROKER_AUDIENCE.',
  },
  tenant: {
    type: 'string',
    value: 'ID',
    help: 'The broker’s tenant, for cli. Default: the one that az is signed in to.',
  },
  local: { type: 'boolean', help: 'The local stack of npm start, and nothing else.' },
  control: { type: 'string', value: 'URL', help: 'The local stack’s control address. Default: http://127.0.0.1:7099.' },
  as: {
    type: 'string',
    value: 'NAME',
    help: 'Who signs in on the local stack. Default: platform; auditor may only read.',
  },
  json: { type: 'boolean', help: 'JSON on stdout, for programs.' },
  'no-color': { type: 'boolean', help: 'No colours. NO_COLOR says the same.' },
  help: { type: 'boolean', help: 'Explains the command, and does nothing.' },
  version: { type: 'boolean', help: 'Prints the version, and does nothing.' },
} as const satisfies Options;

/** One command, as `--help` and `run` know it. */
export type Command = {
  /** How it is called: `rotation pause`. */
  readonly name: string;
  readonly summary: string;
  /** What it takes after its name, in order: `SUBSCRIPTION`. */
  readonly operands: readonly string[];
  readonly options: Options;
  /** More than the summary, a line each. */
  readonly details: readonly string[];
  readonly examples: readonly string[];
  run(args: readonly string[], outside: Outside): Promise<ExitCode>;
};

type Definition<O extends Options> = Omit<Command, 'run'> & {
  readonly options: O;
  readonly run: (given: Given<NoInfer<O>>, outside: Outside) => Promise<ExitCode>;
};

/** Makes a command of what it takes and what it does. */
export function defineCommand<O extends Options>(definition: Definition<O>): Command {
  return { ...definition, run: async (args, outside) => definition.run(readArguments(definition, args), outside) };
}
