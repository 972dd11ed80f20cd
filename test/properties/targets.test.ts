import { describe, test } from '@jest/globals';
import * as fc from 'fast-check';
import { readCorpus } from '../../scripts/fuzz/corpus.ts';
import { mutate } from '../../scripts/fuzz/mutate.ts';
import { targets } from '../../scripts/fuzz/targets.ts';
import { readWords } from '../../scripts/fuzz/words.ts';
import { createRandom } from '../simulation/random.ts';
import { anyText, few } from './arbitraries.ts';

const words = readWords();

/** What a target knows, changed a little, or anything at all. */
function inputsOf(seeds: readonly string[]): fc.Arbitrary<string> {
  const near = fc
    .tuple(fc.constantFrom(...seeds), fc.nat())
    .map(([seed, chance]) => mutate(seed, createRandom(chance), { corpus: seeds, words }));
  return fc.oneof({ weight: 9, arbitrary: near }, { weight: 1, arbitrary: anyText });
}

describe('whatever is written for it', () => {
  test.each(targets.map((target) => [target.name, target] as const))(
    '%s reads it, and keeps what it promises of what it accepts, or refuses it as documented',
    async (name, { seeds, attempt }) => {
      await fc.assert(
        fc.asyncProperty(inputsOf([...seeds, ...readCorpus(name)]), async (input) => attempt(input)),
        few,
      );
    },
  );
});
