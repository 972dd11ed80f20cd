import { describe, expect, test } from '@jest/globals';
import { array, assert, dictionary, integer, property, string } from 'fast-check';
import { lasting, relative } from '../../cli/text/moments.ts';
import { nearest } from '../../cli/text/nearest.ts';
import { allPrintable, printable, toJsonLine } from '../../cli/text/printable.ts';
import { columns, table, wrap } from '../../cli/text/table.ts';

const [second, minute, hour, day] = [1_000, 60_000, 3_600_000, 86_400_000];

test.each([
  [0, '0 s'],
  [89 * second, '89 s'],
  [90 * second, '2 min'],
  [89 * minute, '89 min'],
  [90 * minute, '2 h'],
  [47 * hour, '47 h'],
  [2 * day, '2 d'],
  [-3 * minute, '3 min'],
])('%d ms last %s', (ms, text) => expect(lasting(ms)).toBe(text));

test('a moment is told from another', () => {
  const now = Date.UTC(2026, 10, 24, 3);
  expect(relative('2026-11-24T03:12:00.000Z', now)).toBe('in 12 min');
  expect(relative('2026-11-24T02:59:30.000Z', now)).toBe('30 s ago');
});

test.each([
  ['stauts', 'status'],
  ['statu', 'status'],
  ['doctr', 'doctor'],
  ['frobnicate', undefined],
])('%s was meant to be %s', (word, name) => expect(nearest(word, ['status', 'audit', 'doctor'])).toBe(name));

describe('whatever a text holds', () => {
  const text = string({ unit: 'binary' });
  // oxlint-disable-next-line no-control-regex -- these are what must not be there
  const obeyed = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/;

  test('nothing in it is obeyed by a terminal once it is printable', () => {
    assert(property(text, (each) => !obeyed.test(printable(each))));
  });

  test('as JSON it is one line, with nothing that a terminal obeys, and the same when read', () => {
    assert(
      property(dictionary(text, text), (value) => {
        const line = toJsonLine(value);
        return !obeyed.test(line.slice(0, -1)) && JSON.stringify(JSON.parse(line)) === JSON.stringify(value);
      }),
    );
  });

  test('what is no text stays as it is', () => {
    expect(allPrintable({ a: ['x\x07', 1, null, true] })).toEqual({ a: ['x\uFFFD', 1, null, true] });
  });

  test('wrapped to a width it loses nothing, and only words that are longer reach over it', () => {
    assert(
      property(
        array(string({ minLength: 1, maxLength: 30 }).filter((word) => !word.includes(' '))),
        integer({ min: 1, max: 40 }),
        (words, width) => {
          const lines = wrap(words.join(' '), width);
          return (
            lines.join(' ') === words.join(' ') && lines.every((line) => line.length <= width || !line.includes(' '))
          );
        },
      ),
    );
  });
});

test('columns are aligned, and the last one wrapped under itself', () => {
  expect(
    columns(
      [
        ['a', 'one two three four five six seven'],
        ['bcd', 'x'],
      ],
      39,
    ),
  ).toEqual(['  a    one two three four five six', '       seven', '  bcd  x']);
});

test('numbers stand to the right in a table', () => {
  expect(
    table(
      ['name', 'count'],
      [
        ['a', 5],
        ['bcdef', 12],
      ],
    ),
  ).toEqual(['  NAME   COUNT', '  a          5', '  bcdef     12']);
});
