import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { parseDuration } from '../../../shared/config/duration.ts';

const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const amount = fc.nat(999_999_999);
const unit = fc.constantFrom('ms', 's', 'm', 'h', 'd');

/** The shortest way to write a number of milliseconds. */
function writeDuration(ms: number): string {
  const longest = Object.entries(unitMs)
    .toReversed()
    .find(([, size]) => ms % size === 0);
  const [name, size] = longest ?? ['ms', 1];
  return `${ms / size}${name}`;
}

describe('a duration', () => {
  test.each([
    ['0ms', 0],
    ['250ms', 250],
    ['90s', 90_000],
    ['5m', 300_000],
    ['12h', 43_200_000],
    ['30d', 2_592_000_000],
    ['999999999d', 999_999_999 * 86_400_000],
  ])('%s is %d milliseconds', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  test.each(
    [
      ['', '5', 'm', ' 5m', '5m ', '5 m', '5m\n', '5M', '5min', '-5m', '+5m', '1.5h', '1e3s', '05m', '00s', '0x5s'],
      ['5m30s', '1000000000s', '٥m', '５m', '5ｍ', 'PT5M', 'NaNs', 'Infinityd'],
    ].flat(),
  )('%j is none', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  test('is its amount times its unit, whatever the two are', () => {
    fc.assert(
      fc.property(amount, unit, (count, name) => {
        expect(parseDuration(`${count}${name}`)).toBe(count * Reflect.get(unitMs, name));
      }),
    );
  });

  test('reads back as what was written', () => {
    fc.assert(fc.property(amount, (ms) => parseDuration(writeDuration(ms)) === ms));
  });

  test('is never misread: what is not one of the form is none', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...Array.from('0159msdh .-e\n')) }), (text) => {
        const isDuration = /^(0|[1-9]\d{0,8})(ms|[smhd])$/.test(text) && !text.endsWith('\n');
        expect(parseDuration(text) !== undefined).toBe(isDuration);
      }),
    );
  });
});
