import { describe, expect, test } from '@jest/globals';
import { zip } from '../../../scripts/package/zip.ts';
import { unzip } from './unzip.ts';

const entry = (name: string, text: string) => ({ name, bytes: Buffer.from(text) });
const files = [entry('b/ö.txt', 'second'), entry('a.txt', 'first'), entry('empty', '')];

describe('an archive', () => {
  test('holds the files, sorted by name', () => {
    const unpacked = unzip(zip(files)).map(({ name, bytes }) => [name, bytes.toString()]);
    expect(unpacked).toEqual([
      ['a.txt', 'first'],
      ['b/ö.txt', 'second'],
      ['empty', ''],
    ]);
  });

  test('is the same in whatever order the files are given', () => {
    expect(zip(files.toReversed()).equals(zip(files))).toBe(true);
  });

  test('is another when a name or a byte of a file is another', () => {
    expect(zip([entry('a', 'x')]).equals(zip([entry('a', 'y')]))).toBe(false);
    expect(zip([entry('a', 'x')]).equals(zip([entry('b', 'x')]))).toBe(false);
  });

  test('unpacks to files that everybody may read, of the first moment that the format knows', () => {
    for (const { mode, modified } of unzip(zip(files))) {
      expect(mode).toBe(0o100644);
      // Seven bits of years since 1980, four of the month, five of the day; hours, minutes and seconds below them.
      expect(modified).toBe(((0 << 9) | (1 << 5) | 1) << 16);
    }
  });
});
