import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { anyHistory, historyWithout } from './arbitraries.ts';
import { removals } from './removals.ts';
import { simulate } from './simulate.ts';

/** Many more, with other seeds, are for `npm run simulate`. */
const [seed, numRuns] = [20_261_124, 50];
/** So many histories at most until something that the machine lacks is missed. */
const mostWithout = 40;

describe(`simulated histories, seed ${seed}`, () => {
  test('leave every header set good until it expires, whatever goes wrong (guarantee 7)', async () => {
    let uses = 0;
    const property = fc.asyncProperty(anyHistory, async (history) => {
      const outcome = await simulate(history);
      uses += outcome.uses;
      expect(outcome.violations).toEqual([]);
    });
    await fc.assert(property, { seed, numRuns });
    expect(uses).toBeGreaterThan(numRuns * 1_000);
  }, 120_000);

  test.each(removals)(
    'show it when the machine lacks %s',
    async (removal) => {
      let violations = 0;
      for (const history of fc.sample(historyWithout(removal), { seed, numRuns: mostWithout })) {
        violations += (await simulate(history, { removal })).violations.length;
        if (violations > 0) break;
      }
      expect(violations).toBeGreaterThan(0);
    },
    60_000,
  );

  test('are the same for the same seed', async () => {
    const [history] = fc.sample(anyHistory, { seed, numRuns: 1 });
    if (!history) throw new RangeError('There is no history.');
    const [first, again] = [await simulate(history, { isTraced: true }), await simulate(history, { isTraced: true })];
    expect(again.trace).toEqual(first.trace);
    expect(first.trace.length).toBeGreaterThan(50);
  });
});
