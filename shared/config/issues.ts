import type * as z from 'zod/mini';
import { memberOf } from './member.ts';
import { join } from './parse.ts';
import type { ConfigProblem } from './problem.ts';

const reference = 'docs/config.md lists the members.';

/** What a schema found, in the words of the configuration's reader. */
export function toProblems(issues: readonly z.core.$ZodIssue[], value: unknown): ConfigProblem[] {
  return issues.flatMap((issue) => toProblemsOf(issue, value));
}

function toProblemsOf(issue: z.core.$ZodIssue, value: unknown): ConfigProblem[] {
  const path = issue.path.reduce<string>(
    (at, member) => join(at, typeof member === 'number' ? member : String(member)),
    '',
  );
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({
        path: join(path, key),
        problem: 'is not a member that the broker knows',
        remedy: `Remove it or correct its name; ${reference}`,
      }));
    case 'invalid_key':
      return [{ path, problem: 'is not a valid name', remedy: issue.issues[0]?.message ?? reference }];
    default:
      return [{ path: path || 'the file', ...describe(issue, isMissing(issue, value)) }];
  }
}

function describe(issue: z.core.$ZodIssue, missing: boolean): Pick<ConfigProblem, 'problem' | 'remedy'> {
  const remedy =
    issue.message === 'Invalid input' ? `Write what ${reference.replace(' lists', ' says; it lists')}` : issue.message;
  if (missing) return { problem: 'is missing', remedy };
  if (issue.code === 'invalid_type') return { problem: `is not ${article(issue.expected)}`, remedy };
  return { problem: 'is not valid', remedy };
}

function article(type: string): string {
  return /^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`;
}

function isMissing({ path }: z.core.$ZodIssue, value: unknown): boolean {
  return path.length > 0 && path.reduce<unknown>((at, member) => memberOf(at, member), value) === undefined;
}
