import type { Failure } from './failure.ts';

/** A failure for a person: the sentence, and below it what to do. */
export function tellFailure({ message, advice, facts }: Failure): string {
  const request = facts.requestId === undefined ? [] : [`Its requestId: ${facts.requestId}`];
  return [`broker: ${message}`, ...advice, ...request].map((line, at) => `${at === 0 ? '' : '  '}${line}\n`).join('');
}
