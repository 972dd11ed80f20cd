import { readFileSync } from 'node:fs';
import { ConfigError } from '../../shared/config/problem.ts';
import { validateConfig } from '../../shared/config/validate.ts';
import type { Config } from '../../shared/config/config.ts';
import { defineCommand, type Given } from '../command.ts';
import { refuse, type ExitCode } from '../failure.ts';
import type { Outside } from '../outside.ts';
import { plural } from '../status/verdict.ts';
import { paintFor } from '../text/colours.ts';
import { codeOf } from '../text/error-code.ts';
import { printable, toJsonLine } from '../text/printable.ts';
import { usualWidth, wrap } from '../text/table.ts';

export const configCheckCommand = defineCommand({
  name: 'config check',
  summary: 'Whether a configuration is valid, and all that is wrong with it.',
  operands: ['FILE'],
  options: {},
  details: ['Exactly what the broker checks at its start. FILE may be - for the standard input. Asks no broker.'],
  examples: ['broker config check broker.config.json'],
  run: check,
});

async function check({ values, operands: [file = ''] }: Given, outside: Outside): Promise<ExitCode> {
  const text = file === '-' ? await outside.readInput() : read(file);
  const checked = validate(text, file);
  const problems = checked instanceof ConfigError ? checked.problems : [];
  if (values.json) outside.out.write(toJsonLine({ file, valid: problems.length === 0, problems }));
  else if (!(checked instanceof ConfigError))
    outside.out.write(`${paintFor(outside, values['no-color'])('well', 'Valid')}: ${describe(checked)}.\n`);
  else outside.out.write(describeProblems(checked, file, outside, values['no-color']));
  return problems.length === 0 ? 0 : 1;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    return refuse(`${printable(file)} cannot be read (${codeOf(error)}).`);
  }
}

function validate(text: string, file: string): Config | ConfigError {
  try {
    return validateConfig(text, file);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
}

function describe({ apis, subscriptions, clients, callers }: Config): string {
  return [
    plural(apis.length, 'API'),
    plural(subscriptions.length, 'subscription'),
    plural(clients.length, 'client'),
    plural(callers.length, 'caller'),
  ].join(', ');
}

function describeProblems({ problems }: ConfigError, file: string, outside: Outside, noColour?: boolean): string {
  const paint = paintFor(outside, noColour);
  const width = (outside.out.size()?.columns ?? usualWidth) - 4;
  const lines = problems.flatMap(({ path, problem, remedy }) => [
    `  ${paint('strong', printable(path))} ${printable(problem)}`,
    ...wrap(printable(remedy), width).map((line) => `    ${line}`),
  ]);
  const verdict = paint('fault', `Not valid: ${plural(problems.length, 'problem')}`);
  return [`${verdict} in ${printable(file)}.`, ...lines].map((line) => `${line}\n`).join('');
}
