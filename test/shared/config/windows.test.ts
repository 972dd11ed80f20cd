import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { isWithin, parseWindow } from '../../../shared/config/windows.ts';

const at = (text: string) => Date.parse(text);
const isOpen = (window: string, moment: string) => {
  const parsed = parseWindow(window);
  if (!parsed) throw new Error(`not a window: ${window}`);
  return isWithin(parsed, at(moment));
};

describe('a maintenance window', () => {
  // Stockholm is an hour ahead of UTC in winter and two in summer. 24 November 2026 is a Tuesday.
  test.each([
    ['opens on its minute', '2026-11-24T01:00:00Z', true],
    ['is closed a minute before', '2026-11-24T00:59:59Z', false],
    ['is open until its last minute', '2026-11-24T03:59:59Z', true],
    ['is closed at its end', '2026-11-24T04:00:00Z', false],
    ['is closed on another day', '2026-11-22T02:00:00Z', false],
    ['follows summer time', '2026-07-21T00:30:00Z', true],
  ])('%s', (_name, moment, expected) => {
    expect(isOpen('Mon-Fri 02:00-05:00 Europe/Stockholm', moment)).toBe(expected);
  });

  test.each([
    ['belongs to the day on which it opens', '2026-11-29T01:00:00Z', true],
    ['is closed on the morning before', '2026-11-28T01:00:00Z', false],
    ['is open before midnight', '2026-11-28T23:00:00Z', true],
    ['is closed after its end', '2026-11-29T04:00:00Z', false],
  ])('past midnight %s', (_name, moment, expected) => {
    expect(isOpen('Sat 22:00-04:00 UTC', moment)).toBe(expected);
  });

  test('may name days singly, and ranges over the end of the week', () => {
    expect([...(parseWindow('Fri-Sun,Wed 00:00-23:59 UTC')?.days ?? [])].toSorted((one, other) => one - other)).toEqual(
      [0, 3, 5, 6],
    );
  });

  test.each([
    [''],
    ['Mon-Fri'],
    ['Mon-Fri 02:00-05:00'],
    ['Mon-Fri 02:00-05:00 Mars/Olympus'],
    ['Mon-Fry 02:00-05:00 UTC'],
    ['Mon-Fri 24:00-05:00 UTC'],
    ['Mon-Fri 02:60-05:00 UTC'],
    ['Mon-Fri 02:00-02:00 UTC'],
    ['mon-fri 02:00-05:00 UTC'],
    ['Mon-Fri 2:00-5:00 UTC'],
  ])('%j is none', (text) => {
    expect(parseWindow(text)).toBeUndefined();
  });
});

describe('the time in a zone', () => {
  const [quarterMs, dayMs] = [900_000, 86_400_000];
  /** As Intl has it, and nobody else. */
  const isOpenBy = (timeZone: string, wallMs: number) => {
    const options = { timeZone, weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
    const [day, time = ''] = new Intl.DateTimeFormat('en-US', options).format(wallMs).split(/,? /);
    return day === 'Sun' && time >= '01:30' && time < '03:15';
  };
  afterEach(() => {
    jest.restoreAllMocks();
  });

  // Clocks go forward and back on these days; by half an hour on Lord Howe Island.
  test.each([
    ['UTC', '2026-03-28'],
    ['Europe/Stockholm', '2026-03-28'],
    ['Europe/Stockholm', '2026-10-24'],
    ['America/New_York', '2026-11-01'],
    ['Australia/Lord_Howe', '2026-04-04'],
    ['Asia/Kathmandu', '2028-02-25'],
    ['Pacific/Kiritimati', '2026-12-26'],
  ])('is what it is there, also where the clocks are changed: %s from %s', (timeZone, from) => {
    const window = parseWindow(`Sun 01:30-03:15 ${timeZone}`);
    if (!window) throw new Error('not a window');
    const moments = Array.from({ length: 3 * 96 }, (_, index) => at(`${from}T00:00:00Z`) + index * quarterMs);
    expect(moments.filter((wallMs) => isWithin(window, wallMs))).toEqual(
      moments.filter((wallMs) => isOpenBy(timeZone, wallMs)),
    );
    expect(moments.some((wallMs) => isOpenBy(timeZone, wallMs))).toBe(true);
  });

  // A plan of two weeks asks for each quarter of an hour; the status of a hundred subscriptions kept everybody waiting for a second.
  test('is asked for once a day, however often it is needed', () => {
    const asked = jest.spyOn(Intl.DateTimeFormat.prototype, 'formatToParts');
    const window = parseWindow('Sun 01:30-03:15 Europe/Helsinki');
    if (!window) throw new Error('not a window');
    const start = at('2026-06-01T00:00:00Z');
    for (let round = 0; round < 50; round += 1) {
      for (let wallMs = start; wallMs < start + 14 * dayMs; wallMs += quarterMs) isWithin(window, wallMs);
    }
    expect(asked.mock.calls.length).toBeLessThanOrEqual(2 * 14);
  });
});
