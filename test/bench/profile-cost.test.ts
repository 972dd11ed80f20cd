import { expect, test } from '@jest/globals';
import { allocationsOf, costOf, sumUp, timesOf } from '../../bench/profile-cost.ts';

const frame = (functionName: string, url = '', lineNumber = -1, columnNumber = -1) => ({
  callFrame: { functionName, url, lineNumber, columnNumber },
});

const nodes = [
  { id: 1, ...frame('(idle)') },
  { id: 2, ...frame('seal', 'file:///app/dist/broker.cjs', 0, 4) },
  { id: 3, ...frame('seal', 'file:///app/dist/broker.cjs', 0, 4) },
  { id: 4, ...frame('(garbage collector)') },
  { id: 5, ...frame('writeBuffer') },
  { id: 6, ...frame('post', 'node:inspector', 114, 6) },
];
const costs = costOf(timesOf({ nodes, samples: [1, 2, 3, 4, 5, 6], timeDeltas: [1_000, 20, 40, 30, 10, 500] }), 10);

test('a function has the time of its samples, wherever it was called from, for each request', () => {
  expect(costs).toEqual([
    { where: 'seal dist/broker.cjs:1:5', part: 'the broker', amount: 6 },
    { where: '(garbage collector)', part: 'garbage collection', amount: 3 },
    { where: 'writeBuffer', part: 'Node.js', amount: 1 },
  ]);
});

test('each part has what its functions cost, and all have what was neither idle nor the profiler’s', () => {
  expect(Object.fromEntries(sumUp(costs))).toEqual({
    'the broker': 6,
    '@azure/functions and triggers': 0,
    'the local host': 0,
    'Node.js': 1,
    'garbage collection': 3,
    all: 10,
  });
});

test('a place has what was allocated there, for each request, and not what was below it', () => {
  const text = { ...frame('stringify'), selfSize: 300, children: [] };
  const seal = { ...frame('seal', 'file:///app/dist/broker.cjs', 0, 4), selfSize: 50, children: [text] };
  expect(costOf(allocationsOf({ head: { ...frame('(root)'), selfSize: 0, children: [seal, text] } }), 10)).toEqual([
    { where: 'stringify', part: 'Node.js', amount: 60 },
    { where: 'seal dist/broker.cjs:1:5', part: 'the broker', amount: 5 },
    { where: '(root)', part: 'Node.js', amount: 0 },
  ]);
});
