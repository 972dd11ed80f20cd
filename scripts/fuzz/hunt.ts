import type { Coverage } from './coverage.ts';
import { mutate } from './mutate.ts';
import { createRandom } from '../../test/simulation/random.ts';
import type { FuzzTarget } from './target.ts';

type Crash = { readonly input: string; readonly error: unknown };
export type Hunt = { readonly inputs: number; readonly corpus: readonly string[]; readonly crashes: readonly Crash[] };

type Options = {
  readonly corpus: readonly string[];
  readonly words: readonly string[];
  readonly seed: number;
  /** Asked before each batch, with what there is so far. */
  readonly mayGoOn: (hunt: Hunt) => boolean;
  /** Told before they are tried: one of them may never come back. */
  readonly onBatch: (inputs: readonly string[]) => void;
};

/** Coverage costs more than most inputs do, so that it is read once for several. */
const batchSize = 24;
const longestKept = 4_096;
/** Each is an error of another place, or nearly. */
const mostCrashes = 20;

/**
 * Searches for an input that breaks a target's guarantee. Inputs that reach code which none has reached before are kept, and changed further.
 *
 * @returns what was tried, the smallest inputs that reach all that was reached, and one input for each error.
 */
export async function hunt(target: FuzzTarget, coverage: Coverage, options: Options): Promise<Hunt> {
  const random = createRandom(options.seed);
  const crashes = new Map<string, Crash>();
  let corpus: string[] = [];
  let inputs = 0;

  const attempt = async (input: string) => {
    inputs += 1;
    try {
      await target.attempt(input);
    } catch (error) {
      const known = crashes.get(placeOf(error));
      if (!known || input.length < known.input.length) crashes.set(placeOf(error), { input, error });
    }
  };
  const keepNew = async (candidates: readonly string[]) => {
    for (const input of candidates) {
      await attempt(input);
      if ((await coverage.read()) > 0) corpus.push(input);
    }
  };
  const soFar = (): Hunt => ({ inputs, corpus, crashes: Array.from(crashes.values()) });

  coverage.reset();
  options.onBatch([...target.seeds, ...options.corpus]);
  await coverage.read({ onlyLook: true });
  await keepNew([...target.seeds, ...options.corpus]);
  if (corpus.length === 0) corpus.push(...target.seeds);
  while (options.mayGoOn(soFar()) && crashes.size < mostCrashes) {
    const batch = Array.from({ length: batchSize }, () => {
      // What was found last is nearest to what is still to be found.
      const back = random.below(2) === 0 ? random.below(corpus.length) : random.below(Math.min(8, corpus.length));
      return mutate(corpus.at(-1 - back) ?? '', random, { corpus, words: options.words });
    });
    options.onBatch(batch);
    for (const input of batch) await attempt(input);
    if ((await coverage.read({ onlyLook: true })) > 0) await keepNew(batch);
  }

  // The smallest first, each only if it adds something. What is kept is read by people, too.
  const found = corpus
    .filter(({ length }) => length <= longestKept)
    .toSorted((one, other) => one.length - other.length);
  corpus = [];
  coverage.reset();
  options.onBatch(found);
  await keepNew(found);
  return soFar();
}

/** By which errors are told apart: their type, and where they were thrown. */
function placeOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const { stack = '' } = error.cause instanceof Error ? error.cause : error;
  const frame = stack.split('\n').find((line) => /^\s+at .*\/(shared|client|scripts)\//.test(line));
  return `${error.name} ${frame ?? ''}`;
}
