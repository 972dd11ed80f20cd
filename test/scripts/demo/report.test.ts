import { expect, test } from '@jest/globals';
import { problemsOf } from '../../../scripts/demo/report.ts';

const good = {
  headerSets: 4_000,
  uses: 30_000,
  refusals: 0,
  askedAgain: 3,
  usesPerSecond: 250,
  statesPassed: 9,
  kills: 9,
  seconds: 120,
  bothKeysChanged: true,
};
const expected = { states: 9, kills: 9 };

test('a demonstration without refusals, with new keys and enough uses shows what it is to show', () => {
  expect(problemsOf(good, expected)).toEqual([]);
});

test.each([
  [{ refusals: 1 }, 'Refused: 1.'],
  [{ bothKeysChanged: false }, 'Not both keys changed.'],
  [{ usesPerSecond: 199 }, 'Fewer than 200 uses a second.'],
  [{ statesPassed: 8 }, 'Not every state was passed.'],
  [{ kills: 8 }, 'The broker was not killed in every state.'],
])('%j is a problem', (change, problem) => {
  expect(problemsOf({ ...good, ...change }, expected)).toEqual([problem]);
});
