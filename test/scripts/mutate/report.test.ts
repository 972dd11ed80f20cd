import { globSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { areas } from '../../../scripts/mutate/areas.ts';
import { percentOf, toRows, toTable } from '../../../scripts/mutate/report.ts';

const root = join(import.meta.dirname, '../../..');
const filesOf = (globs: readonly string[]) => {
  const exclude = globs.filter((glob) => glob.startsWith('!')).map((glob) => glob.slice(1));
  return globSync(
    globs.filter((glob) => !glob.startsWith('!')),
    { cwd: root, exclude },
  );
};

describe('what came of the changes to a file', () => {
  const results = [
    ...['Killed', 'Timeout', 'Survived', 'NoCoverage', 'CompileError', 'Ignored'].map((status) => ({
      fileName: 'b.ts',
      status,
    })),
    { fileName: 'a.ts', status: 'Killed' },
  ];

  test('is noticed where a test fails or does not end, left where none does, and else counts for nothing', () => {
    expect(toRows(results)).toEqual([
      { file: 'a.ts', noticed: 1, left: 0 },
      { file: 'b.ts', noticed: 2, left: 2 },
    ]);
  });

  test('is told for each file and for all', () => {
    expect(toTable(toRows(results))).toBe(
      '| file | noticed | left |\n| --- | --- | --- |\n' +
        '| `a.ts` | 100.0 % |  |\n| `b.ts` | 50.0 % | 2 |\n| all | 60.0 % | 2 |\n',
    );
  });

  test('is all that there was to notice where nothing was changed', () => {
    expect(percentOf([])).toBe(100);
  });
});

describe.each(areas)('the area $name', ({ mutate, tests, without = [] }) => {
  test('has code to change, and tests that may notice', () => {
    expect(filesOf(mutate)).not.toHaveLength(0);
    expect(filesOf(tests).length).toBeGreaterThan(without.length);
  });
});

test('all code of callers, credentials and HTTP is in an area, but for what runs in browsers', () => {
  const changed = new Set(areas.flatMap(({ mutate }) => filesOf(mutate)));
  const code = filesOf(['shared/{callers,credentials,http}/**/*.ts']);
  const left = code.filter((file) => !changed.has(file));
  expect(left).toEqual(['shared/http/dashboard/files.ts']);
});
