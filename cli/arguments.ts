import { parseArgs } from 'node:util';
import { isNativeError } from 'node:util/types';
import { globalOptions, type Command, type Given, type Options } from './command.ts';
import { refuse } from './failure.ts';
import { codeOf } from './text/error-code.ts';

/**
 * Reads what stands behind a command's name.
 *
 * @throws {Failure} for what it does not know, and where an operand is missing or too many.
 */
export function readArguments<O extends Options>(
  { name, options, operands }: Pick<Command, 'name' | 'operands'> & { options: O },
  args: readonly string[],
): Given<O> {
  const { values, positionals } = parse(name, { ...options, ...globalOptions }, args);
  const missing = operands[positionals.length];
  if (missing !== undefined) refuse(`broker ${name} needs ${missing}.`, seeHelp(name));
  if (positionals.length > operands.length) {
    refuse(`broker ${name} takes ${operands.length === 0 ? 'options alone' : operands.join(' ')}.`, seeHelp(name));
  }
  return { values: values as Given<O>['values'], operands: positionals };
}

/** The words of a command line that name the command, and all else that stands there. */
export function splitCommand(args: readonly string[]): { words: readonly string[]; rest: (count: number) => string[] } {
  const { tokens } = parseArgs({
    args: [...args],
    options: toParseOptions(globalOptions),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const positional = tokens.flatMap((token) => (token.kind === 'positional' ? [token] : []));
  return {
    words: positional.map(({ value }) => value),
    rest: (count) => {
      const taken = new Set(positional.slice(0, count).map(({ index }) => index));
      return args.filter((_, index) => !taken.has(index));
    },
  };
}

function seeHelp(name: string): string {
  return `See broker ${name === '' ? '' : `${name} `}--help.`;
}

function parse(name: string, options: Options, args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: toParseOptions(options), allowPositionals: true });
  } catch (error) {
    if (!isNativeError(error) || !codeOf(error).startsWith('ERR_PARSE_ARGS')) throw error;
    // What follows the first sentence is advice for commands that take more than options.
    return refuse(
      `${error.message.replace(/\. (To specify a|Did you forget).*$/s, '')}.`.replace('..', '.'),
      seeHelp(name),
    );
  }
}

function toParseOptions(options: Options): Record<string, { type: 'string' | 'boolean'; short?: string }> {
  return Object.fromEntries(
    Object.entries(options).map(([name, { type }]) => [name, { type, ...(name === 'help' ? { short: 'h' } : {}) }]),
  );
}
