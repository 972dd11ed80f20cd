import type { App } from './app.ts';
import type { Answer, Sent } from './wire.ts';

/** Requests under way at once. */
const width = 32;

/** Sends all of them, many at once. The answers are in the order of the requests. */
export async function askAll(app: App, requests: readonly Sent[]): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  const queue = requests.entries();
  const work = async () => {
    for (const [index, sent] of queue) answers[index] = await app.ask(sent);
  };
  await Promise.all(Array.from({ length: width }, work));
  return answers;
}

/** How often which status. */
export function tally(answers: readonly Answer[]): Readonly<Record<number, number>> {
  const counts: Record<number, number> = {};
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}
