import type { ConfigProblem } from './problem.ts';

/** One text of several, the same in either case; `undefined` unless all of them are texts. */
export function identityOf(...parts: unknown[]): string | undefined {
  return parts.every((part) => typeof part === 'string') ? JSON.stringify(parts).toLowerCase() : undefined;
}

/** The problem of every member that has the identity of one before it. Those without one are left alone. */
export function checkUnique(
  members: Readonly<Record<string, unknown>>,
  identify: (member: unknown) => string | undefined,
  toProblem: (name: string, other: string) => ConfigProblem,
): ConfigProblem[] {
  const seen = new Map<string, string>();
  return Object.entries(members).flatMap(([name, member]) => {
    const identity = identify(member);
    if (identity === undefined) return [];
    const other = seen.get(identity);
    if (other !== undefined) return [toProblem(name, other)];
    seen.set(identity, name);
    return [];
  });
}
