import { expect, test } from '@jest/globals';
import { costOfProfile, sumUp } from '../../bench/profile-cost.ts';

const frame = (functionName: string, url = '', lineNumber = -1, columnNumber = -1) => ({
  callFrame: { functionName, url, lineNumber, columnNumber },
});

const nodes = [
  { id: 1, ...frame('(idle)') },
  { id: 2, ...frame('seal', 'file:///app/dist/broker.cjs', 0, 4) },
  { id: 3, ...frame('seal', 'file:///app/dist/broker.cjs', 0, 4) },
  { id: 4, ...frame('(garbage collector)') },
  { id: 5, ...frame('writeBuffer') },
];
const costs = costOfProfile({ nodes, samples: [1, 2, 3, 4, 5], timeDeltas: [1_000, 20, 40, 30, 10] }, 10);

test('a function has the time of its samples, wherever it was called from, for each request', () => {
  expect(costs).toEqual([
    { where: 'seal dist/broker.cjs:1:5', part: 'the broker', microseconds: 6 },
    { where: '(garbage collector)', part: 'garbage collection', microseconds: 3 },
    { where: 'writeBuffer', part: 'Node.js', microseconds: 1 },
  ]);
});

test('each part has what its functions cost, and all have what was not idle', () => {
  expect(Object.fromEntries(sumUp(costs))).toEqual({
    'the broker': 6,
    '@azure/functions and triggers': 0,
    'the local host': 0,
    'Node.js': 1,
    'garbage collection': 3,
    all: 10,
  });
});
