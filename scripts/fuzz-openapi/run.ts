import * as fc from 'fast-check';
import type { OpenApiDocument } from '../openapi/types.ts';
import { caseOf } from './arbitraries.ts';
import { isTooLarge, type Case } from './case.ts';
import { createOracle } from './oracle.ts';
import type { Sender } from './send.ts';

export type Failure = { readonly index: number; readonly sent: Case; readonly wrong: readonly string[] };

/** What a fuzz came to. */
export type Tally = {
  requests: number;
  /** By operation, and by what answered in place of one: how often which status. */
  readonly answers: Map<string, Map<number, number>>;
  readonly failures: Failure[];
};

export type FuzzOptions = {
  readonly document: OpenApiDocument;
  readonly tokens: ReadonlyMap<string, readonly string[]>;
  readonly seed: number;
  readonly requests: number;
  readonly onProgress?: (tally: Tally) => void;
};

/** Requests under way at once. */
const width = 12;

/** Sends requests made from a document, and judges the answers by it. The same seed makes the same requests. */
export async function fuzz(sender: Sender, options: FuzzOptions): Promise<Tally> {
  const { document, tokens, seed, requests, onProgress = () => {} } = options;
  const judge = createOracle(document);
  const cases = fc.sample(caseOf(document), { seed, numRuns: requests });
  const tally: Tally = { requests: 0, answers: new Map(), failures: [] };

  const judgeOne = async (sent: Case): Promise<{ name: string; status: number; wrong: readonly string[] }> => {
    const authorizations = tokens.get(sent.token) ?? [];
    const isPlatforms = isTooLarge(sent, authorizations);
    try {
      const answer = await sender.send(sent, authorizations);
      return { status: answer.status, ...judge(sent, answer, isPlatforms) };
    } catch (error) {
      // It may close the connection before all of a body was sent, and take its answer along.
      if (isPlatforms) return { name: 'the platform', status: 0, wrong: [] };
      return { name: 'no answer', status: 0, wrong: [`there is no answer (${String(error)})`] };
    }
  };

  const queue = cases.entries();
  const work = async () => {
    for (const [index, sent] of queue) {
      const { name, status, wrong } = await judgeOne(sent);
      count(tally, name, status);
      if (wrong.length > 0) tally.failures.push({ index, sent, wrong });
      onProgress(tally);
    }
  };
  await Promise.all(Array.from({ length: width }, work));
  tally.failures.sort((one, other) => one.index - other.index);
  return tally;
}

function count(tally: Tally, name: string, status: number): void {
  tally.requests += 1;
  const statuses = tally.answers.get(name) ?? new Map<number, number>();
  statuses.set(status, (statuses.get(status) ?? 0) + 1);
  tally.answers.set(name, statuses);
}
