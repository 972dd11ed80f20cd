import { globalOptions, type Command, type Options } from './command.ts';
import { exitCodes } from './failure.ts';
import { columns, usualWidth, wrap } from './text/table.ts';

/** What `broker --help` prints, or `broker rotation --help` for some of them. */
export function describeCommands(commands: readonly Command[]): string {
  return lines([
    'Usage: broker COMMAND [OPTIONS]',
    '',
    'Sees and steers a token broker. In this repository: npm run -s broker -- COMMAND',
    '',
    'Commands:',
    ...columns(commands.map(({ name, operands, summary }) => [[name, ...operands].join(' '), summary])),
    '',
    'Options of every command:',
    ...optionLines(globalOptions),
    '',
    'Exit codes:',
    ...columns(Object.entries(exitCodes).map(([code, meaning]) => [code, meaning])),
    '',
    'broker COMMAND --help explains a command. More: docs/cli.md',
  ]);
}

/** What `broker COMMAND --help` prints. */
export function describeCommand({ name, summary, operands, options, details, examples }: Command): string {
  const own = Object.keys(options).length > 0;
  return lines([
    `Usage: broker ${[name, ...operands].join(' ')} [OPTIONS]`,
    '',
    summary,
    ...(details.length > 0 ? ['', ...details.flatMap((detail) => wrap(detail, usualWidth))] : []),
    ...(own ? ['', 'Options:', ...optionLines(options)] : []),
    '',
    'Options of every command:',
    ...optionLines(globalOptions),
    '',
    'Examples:',
    ...examples.map((example) => `  ${example}`),
  ]);
}

function optionLines(options: Options): string[] {
  return columns(
    Object.entries(options).map(([name, { value, help }]) => [
      `--${name}${value === undefined ? '' : ` ${value}`}`,
      help,
    ]),
  );
}

function lines(all: readonly string[]): string {
  return all.map((line) => `${line}\n`).join('');
}
