import { describe, expect, test } from '@jest/globals';
import { readCorpus } from '../../../scripts/fuzz/corpus.ts';
import { targets } from '../../../scripts/fuzz/targets.ts';

describe('what fuzzing has kept', () => {
  test.each(targets.map((target) => [target.name, target] as const))(
    'is read or refused as documented: %s',
    async (name, { seeds, attempt }) => {
      const inputs = [...seeds, ...readCorpus(name)];
      for (const input of inputs) await attempt(input);
      expect(readCorpus(name).length).toBeGreaterThan(0);
    },
  );
});
