import { expect, test } from '@jest/globals';
import type { ImportKind, Metafile } from 'esbuild';
import { evaluatedAtImport } from '../../scripts/evaluated.ts';

type Import = { path: string; kind: ImportKind; external?: true };
const imports = (path: string, kind: ImportKind = 'import-statement'): Import => ({ path, kind });
const asks = (path: string): Import => ({ path, kind: 'require-call', external: true });

const inputs: Record<string, Import[]> = {
  'main.ts': [imports('one.ts'), imports('later.ts', 'dynamic-import'), asks('node:http')],
  'one.ts': [imports('two.ts'), imports('dropped.ts')],
  'two.ts': [imports('main.ts'), asks('node:dropped')],
  'dropped.ts': [],
  'later.ts': [imports('much-later.ts'), asks('node:zlib')],
  'much-later.ts': [],
};
const bytesOf = (path: string) => (path === 'dropped.ts' ? 0 : 10);
const metafile: Metafile = {
  inputs: Object.fromEntries(Object.entries(inputs).map(([path, found]) => [path, { bytes: 100, imports: found }])),
  outputs: {
    'out.cjs': {
      bytes: 50,
      inputs: Object.fromEntries(Object.keys(inputs).map((path) => [path, { bytesInOutput: bytesOf(path) }])),
      imports: [asks('node:http'), asks('node:zlib')],
      exports: [],
    },
  },
};

test('what runs at import is what is imported, whether or not through others, and not what is asked for by import()', () => {
  expect(evaluatedAtImport(metafile, 'main.ts', 'out.cjs')).toEqual({
    modules: ['main.ts', 'one.ts', 'two.ts'],
    bytes: 30,
    builtins: ['http'],
  });
});
