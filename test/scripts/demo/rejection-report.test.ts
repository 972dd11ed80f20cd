import { expect, test } from '@jest/globals';
import { describeRejection, problemsOfRejection } from '../../../scripts/demo/rejection-report.ts';

const good = {
  calls: 2_000,
  callsPerSecond: 100,
  refusals: 6,
  failures: 0,
  reports: { alternate: 3, superseded: 1 },
  alternateAfterMs: 229,
  byFirstReport: true,
  alerts: 1,
  seconds: 20,
};

test('a demonstration in which calls were refused and none failed shows what it is to show', () => {
  expect(problemsOfRejection(good, 100)).toEqual([]);
  expect(describeRejection(good)).toMatch(
    /3 alternate, 1 superseded\n.*229 ms after the regenerate, in answer to the first/,
  );
});

test.each([
  [{ refusals: 0 }, 'No call was refused.'],
  [{ failures: 1 }, 'Failed after the one repeat: 1.'],
  [{ alternateAfterMs: null, byFirstReport: false }, 'The other slot’s key was not handed out.'],
  [{ byFirstReport: false }, 'The first report did not bring the other slot’s key.'],
  [{ alerts: 0 }, 'The alert was not logged.'],
  [{ callsPerSecond: 94 }, 'Fewer than 100 calls a second.'],
])('%j is a problem', (change, problem) => {
  expect(problemsOfRejection({ ...good, ...change }, 100)).toEqual([problem]);
});
