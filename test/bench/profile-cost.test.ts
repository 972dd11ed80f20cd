import { expect, test } from '@jest/globals';
import { costOfProfile } from '../../bench/profile-cost.ts';

const frame = (functionName: string, url = '', lineNumber = -1, columnNumber = -1) => ({
  callFrame: { functionName, url, lineNumber, columnNumber },
});

test('a function has the time of its samples, wherever it was called from, as a share of what was not idle', () => {
  const nodes = [
    { id: 1, ...frame('(idle)') },
    { id: 2, ...frame('seal', 'file:///app/dist/main.cjs', 0, 4) },
    { id: 3, ...frame('seal', 'file:///app/dist/main.cjs', 0, 4) },
    { id: 4, ...frame('(garbage collector)') },
  ];
  const costs = costOfProfile({ nodes, samples: [1, 2, 3, 4], timeDeltas: [1_000, 20, 40, 40] });
  expect(costs).toEqual([
    { where: 'seal dist/main.cjs:1:5', share: 0.6 },
    { where: '(garbage collector)', share: 0.4 },
  ]);
});
