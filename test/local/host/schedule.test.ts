import { describe, expect, test } from '@jest/globals';
import { parseSchedule } from '../../../local/host/schedule.ts';

const start = Date.parse('2026-01-01T00:00:00Z'); // a Thursday

function occurrences(expression: string, count: number): string[] {
  const schedule = parseSchedule(expression);
  const found: string[] = [];
  for (let at = start; found.length < count; found.push(new Date(at).toISOString())) at = schedule.next(at);
  return found;
}

describe('an NCRONTAB expression', () => {
  test.each([
    ['0 * * * * *', ['2026-01-01T00:01:00.000Z', '2026-01-01T00:02:00.000Z']],
    ['*/20 * * * * *', ['2026-01-01T00:00:20.000Z', '2026-01-01T00:00:40.000Z', '2026-01-01T00:01:00.000Z']],
    ['0 */25 * * * *', ['2026-01-01T00:25:00.000Z', '2026-01-01T00:50:00.000Z', '2026-01-01T01:00:00.000Z']],
    ['0 50/5 * * * *', ['2026-01-01T00:50:00.000Z', '2026-01-01T00:55:00.000Z', '2026-01-01T01:50:00.000Z']],
    [
      '0 0 9-17/4 * * Mon-Fri',
      [
        '2026-01-01T09:00:00.000Z',
        '2026-01-01T13:00:00.000Z',
        '2026-01-01T17:00:00.000Z',
        '2026-01-02T09:00:00.000Z',
        '2026-01-02T13:00:00.000Z',
        '2026-01-02T17:00:00.000Z',
        '2026-01-05T09:00:00.000Z',
      ],
    ],
    [
      '0 0 0 1,15 january,Feb *',
      ['2026-01-15T00:00:00.000Z', '2026-02-01T00:00:00.000Z', '2026-02-15T00:00:00.000Z', '2027-01-01T00:00:00.000Z'],
    ],
    ['30 4 * * *', ['2026-01-01T04:30:00.000Z', '2026-01-02T04:30:00.000Z']],
    ['  0   0 0 29 2 * ', ['2028-02-29T00:00:00.000Z']],
  ])('%j comes up at %j', (expression, expected) => {
    expect(occurrences(expression, expected.length)).toEqual(expected);
  });

  test('with a day and a day of the week means days that are both', () => {
    expect(occurrences('0 0 0 13 * 5', 1)).toEqual(['2026-02-13T00:00:00.000Z']);
  });

  test.each([
    ['', 'it has 1 fields'],
    ['* * * *', 'it has 4 fields'],
    ['* * * * * * *', 'it has 7 fields'],
    ['@daily', 'it has 1 fields'],
    ['60 * * * * *', '"60" is no second (0 to 59)'],
    ['0 61 * * * *', '"61" is no minute'],
    ['0 0 24 * * *', '"24" is no hour'],
    ['0 0 0 0 * *', '"0" is no day'],
    ['0 0 0 * 13 *', '"13" is no month'],
    ['0 0 0 * * 7', '"7" is no day of the week'],
    ['0 0 0 L * *', '"L" is no day'],
    ['0 0 0 ? * *', '"?" is no day'],
    ['0 */0 * * * *', '"*/0" is no minute'],
    ['0 5-1 * * * *', '"5-1" is no minute'],
    ['0 1, * * * *', '"1," is no minute'],
    ['0 -1 * * * *', '"-1" is no minute'],
    ['0 0 0 30 2 *', 'there is no such day'],
  ])('%j is refused: %s', (expression, reason) => {
    expect(() => parseSchedule(expression)).toThrow(reason);
  });
});
