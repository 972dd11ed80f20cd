import { expect, test } from '@jest/globals';
import { format, toPage, toText } from '../../bench/report.ts';
import { addResults, type RowResult } from '../../bench/results.ts';

const machine = { processor: 'Sample', cores: 2, memoryGb: 4, system: 'linux x64', node: 'v24.0.0' };
const row = { title: 'A look-up', how: 'As it is done.' };
const result: RowResult = {
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
  const text = toText('look-up', row, result);
  expect(text).toMatch(/met +of the rival: 0\.117, to be ≤ 0\.15 \(0\.1 to 0\.2\)/);
  expect(text).toMatch(/missed +rivals: 12, to be ≥ 25/);
});

test('the page has each machine once, and of each row the command, every run and what is to be said of it', () => {
  const better = {
    ...result,
    on: '2026-11-25T03:00:00.000Z',
    comparisons: result.comparisons.map((compared) => ({ ...compared, isMet: true })),
  };
  const rows = { 'look-up': { ...row, note: 'Rivals are quick.' }, other: row };
  const page = toPage(rows, { 'look-up': [result, better] });
  expect(page.match(/Sample, 2 cores/g)).toHaveLength(1);
  expect(page).toContain('`npm run bench -- --only look-up`, 3 rounds.');
  expect(page).toContain('| measured |  | 2026-11-24 03:00 | 2026-11-25 03:00 |');
  expect(page).toContain('| broker, a look-up | µs | 0.412 | 0.412 |');
  expect(page).toContain('| of the rival | ≤ 0.15 | 0.117 (0.1 to 0.2) | 0.117 (0.1 to 0.2) | met |');
  expect(page).toContain('| rivals | ≥ 25 | 12 (10 to 14) | 12 (10 to 14) | **missed** in 1 of 2 |');
  expect(page).toContain('Rivals are quick.');
  expect(page).toContain('`npm run bench -- --only other`: not measured yet.');
});

test('a comparison that an older run did not make has no figure there, and is not met', () => {
  const page = toPage({ one: row }, { one: [{ ...result, figures: [], comparisons: [] }, result] });
  expect(page).toContain('| of the rival | ≤ 0.15 | – | 0.117 (0.1 to 0.2) | **missed** in 1 of 2 |');
  expect(page).toContain('| broker, a look-up | µs | – | 0.412 |');
});

test('of each row the last three runs are kept, in the order of the table, and rows that are no more go', () => {
  const of = (on: string): RowResult => ({ ...result, on });
  const before = { one: [of('1'), of('2'), of('3')], two: [of('1')], gone: [of('1')] };
  const added = addResults(before, { one: of('4'), three: of('4') }, ['three', 'two', 'one']);
  expect(Object.entries(added).map(([name, runs]) => [name, runs.map(({ on }) => on)])).toEqual([
    ['three', ['4']],
    ['two', ['1']],
    ['one', ['2', '3', '4']],
  ]);
});
