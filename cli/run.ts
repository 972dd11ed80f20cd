import { splitCommand } from './arguments.ts';
import type { Command } from './command.ts';
import { commands } from './commands.ts';
import { Failure, interrupted, type ExitCode } from './failure.ts';
import { describeCommand, describeCommands } from './help.ts';
import type { Outside } from './outside.ts';
import { nearest } from './text/nearest.ts';
import { toJsonLine } from './text/printable.ts';
import { tellFailure } from './tell-failure.ts';
import { version } from '../shared/version.ts';

/** Runs one command line to its end. */
export async function run(args: readonly string[], outside: Outside): Promise<ExitCode> {
  try {
    return await dispatch(args, outside);
  } catch (error) {
    if (outside.interrupted.aborted) return interrupted;
    const failure = error instanceof Failure ? error : unexpected(error);
    if (args.includes('--json')) outside.err.write(toJsonLine(tellable(failure)));
    else outside.err.write(tellFailure(failure));
    return failure.exitCode;
  }
}

async function dispatch(args: readonly string[], outside: Outside): Promise<ExitCode> {
  const asksFor = (...names: string[]) => beforeOperandsEnd(args).some((arg) => names.includes(arg));
  const { words, rest } = splitCommand(args);
  if (words[0] === 'help') return help(words.slice(1), outside);
  if (asksFor('--help', '-h')) return help(words, outside);
  if (asksFor('--version')) return print(`${version}\n`, outside);
  const found = find(words);
  if (found) return found.run(rest(found.name.split(' ').length), outside);
  if (words.length === 0) {
    outside.err.write(describeCommands(commands));
    return 2;
  }
  throw unknown(words);
}

/** What stands behind `--` are operands, whatever they look like. */
function beforeOperandsEnd(args: readonly string[]): readonly string[] {
  const end = args.indexOf('--');
  return end < 0 ? args : args.slice(0, end);
}

function help(words: readonly string[], outside: Outside): ExitCode {
  const command = find(words);
  if (command) return print(describeCommand(command), outside);
  const group = inGroup(words[0]);
  if (words.length > 0 && group.length === 0) throw unknown(words);
  return print(describeCommands(group.length > 0 ? group : commands), outside);
}

function print(text: string, outside: Outside): ExitCode {
  outside.out.write(text);
  return 0;
}

function find(words: readonly string[]): Command | undefined {
  return commands.find(({ name }) => name.split(' ').every((word, at) => words[at] === word));
}

function inGroup(word: string | undefined): readonly Command[] {
  return commands.filter(({ name }) => word !== undefined && name.startsWith(`${word} `));
}

function unknown([first = '', second]: readonly string[]): Failure {
  const group = inGroup(first);
  if (group.length > 0) {
    const names = group.map(({ name }) => name.slice(first.length + 1));
    const what =
      second === undefined
        ? `broker ${first} needs one of its commands.`
        : `There is no broker ${first} command of that name.`;
    return new Failure(2, what, [
      guess(second, names) ?? `There are ${names.join(', ')}.`,
      `See broker ${first} --help.`,
    ]);
  }
  const names = Array.from(new Set(commands.map(({ name }) => name.split(' ')[0] ?? name)));
  return new Failure(2, 'There is no command of that name.', [
    guess(first, names) ?? `There are ${names.join(', ')}.`,
    'See broker --help.',
  ]);
}

function guess(word: string | undefined, names: readonly string[]): string | undefined {
  const meant = word === undefined ? undefined : nearest(word, names);
  return meant === undefined ? undefined : `Did you mean ${meant}?`;
}

function tellable({ message, advice, exitCode, facts }: Failure) {
  return { error: message, advice, exitCode, ...facts };
}

/** A defect of ours. What it says may hold anything, so that only its kind and place are told. */
function unexpected(error: unknown): Failure {
  const kind = error instanceof Error ? error.name : typeof error;
  const at = error instanceof Error ? /\bcli\/[\w/.-]+:\d+/.exec(error.stack ?? '')?.[0] : undefined;
  return new Failure(3, `The command line failed (${kind}${at === undefined ? '' : ` at ${at}`}).`, [
    'This is a defect of it. Tell whoever maintains the broker.',
  ]);
}
