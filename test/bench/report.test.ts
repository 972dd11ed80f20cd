import { expect, test } from '@jest/globals';
import { format, toPage, toText } from '../../bench/report.ts';
import { mergeResults, type RowResult } from '../../bench/results.ts';

const machine = { processor: 'Sample', cores: 2, memoryGb: 4, system: 'linux x64', node: 'v24.0.0' };
const result: RowResult = {
  title: 'A look-up',
  how: 'As it is done.',
  on: '2026-11-24T03:00:00.000Z',
  machine,
  rounds: 3,
  figures: [{ contestant: 'broker', measure: 'a look-up', unit: 'µs', median: 0.4123, least: 0.3, most: 12_345.6 }],
  comparisons: [
    { title: 'of the rival', median: 0.117, least: 0.1, most: 0.2, bar: { atMost: 0.15 }, isMet: true },
    { title: 'rivals', median: 12, least: 10, most: 14, bar: { atLeast: 25 }, isMet: false },
  ],
};

test.each([
  [0, '0'],
  [0.000_041, '0.000041'],
  [0.117_4, '0.117'],
  [1.055, '1.05'],
  [12.34, '12.3'],
  [100.4, '100'],
  [16_591.2, '16,591'],
  [-2.5, '-2.5'],
  [Number.NaN, '–'],
])('%p is written %s', (value, text) => {
  expect(format(value)).toBe(text);
});

test('a row says of each bar whether it is met', () => {
  const text = toText('look-up', result);
  expect(text).toMatch(/met +of the rival: 0\.117, to be ≤ 0\.15 \(0\.1 to 0\.2\)/);
  expect(text).toMatch(/missed +rivals: 12, to be ≥ 25/);
});

test('the page has each machine once, and of each row the command and the figures', () => {
  const page = toPage({ 'look-up': result, other: result });
  expect(page.match(/Sample, 2 cores/g)).toHaveLength(1);
  expect(page).toContain('`npm run bench -- --only look-up`, 3 rounds.');
  expect(page).toContain('| broker, a look-up | 0.412 µs | 0.3 to 12,346 |');
  expect(page).toContain('| rivals | 12 | 10 to 14 | ≥ 25 | missed |');
});

test('rows that were not measured again stay, in the order of the table, and those that are no more go', () => {
  const [before, now] = [
    { ...result, title: 'before' },
    { ...result, title: 'now' },
  ];
  const merged = mergeResults({ one: before, two: before, gone: before }, { two: now, three: now }, [
    'three',
    'two',
    'one',
  ]);
  expect(Object.entries(merged).map(([name, { title }]) => [name, title])).toEqual([
    ['three', 'now'],
    ['two', 'now'],
    ['one', 'before'],
  ]);
});
