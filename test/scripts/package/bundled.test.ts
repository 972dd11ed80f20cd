import { describe, expect, test } from '@jest/globals';
import type { Metafile } from 'esbuild';
import { bundledPackages, directPlaces } from '../../../scripts/package/bundled.ts';

const of = (...paths: string[]): Metafile => {
  const inputs = Object.fromEntries(paths.map((path) => [path, { bytesInOutput: 10 }]));
  return { inputs: {}, outputs: { 'dist/main.cjs': { bytes: 1, inputs, imports: [], exports: [] } } };
};
const locked = (dependencies: Record<string, string> = {}) => ({
  version: '1.0.0',
  license: 'MIT',
  integrity: `sha512-${'A'.repeat(86)}==`,
  dependencies,
});
const lock = {
  '': { version: '0.1.0', dependencies: { '@x/a': '1', unused: '1' } },
  'node_modules/@x/a': locked({ b: '1', c: '1' }),
  'node_modules/b': { ...locked(), peerDependenciesMeta: { c: { optional: true } } },
  'node_modules/c': locked(),
  'node_modules/@x/a/node_modules/b': { ...locked({ c: '1' }), version: '2.0.0' },
};
const read = (metafile: Metafile, from: object = lock) =>
  bundledPackages(metafile, ['dist/main.cjs'], from as typeof lock);

describe('the packages that are bundled', () => {
  test('are those that something of is in the bundle, each once, wherever node_modules is', () => {
    const metafile = of(
      'shared/broker.ts',
      'node_modules/@x/a/index.js',
      '../elsewhere/node_modules/@x/a/lib/more.js',
      'node_modules/@x/a/node_modules/b/index.js',
    );
    expect(read(metafile).map(({ name, version }) => `${name} ${version}`)).toEqual(['@x/a 1.0.0', 'b 2.0.0']);
  });

  test('depend on one another as Node.js resolves them', () => {
    const metafile = of(
      'node_modules/@x/a/index.js',
      'node_modules/@x/a/node_modules/b/index.js',
      'node_modules/b/index.js',
      'node_modules/c/index.js',
    );
    const bundled = read(metafile);
    const dependsOn = Object.fromEntries(bundled.map((each) => [each.place, each.dependsOn]));
    expect(dependsOn).toEqual({
      'node_modules/@x/a': ['node_modules/@x/a/node_modules/b', 'node_modules/c'],
      'node_modules/@x/a/node_modules/b': ['node_modules/c'],
      'node_modules/b': ['node_modules/c'],
      'node_modules/c': [],
    });
    expect(directPlaces(lock, bundled)).toEqual(['node_modules/@x/a']);
  });

  test.each([
    ['has another licence', { ...locked(), license: 'AGPL-3.0-only' }, /b 1\.0\.0 .* licence AGPL-3\.0-only\./],
    ['has no licence', { ...locked(), license: undefined }, /licence \(none\)/],
    ['has no SHA-512', { ...locked(), integrity: 'sha1-AAAA' }, /no SHA-512 of b/],
    ['is not in the lock file', undefined, /b is in a bundle and not in package-lock\.json/],
  ])('are refused where one %s', (_what, entry, message) => {
    expect(() => read(of('node_modules/b/index.js'), { ...lock, 'node_modules/b': entry })).toThrow(message);
  });

  test('are not taken for none where the build says nothing', () => {
    expect(() => bundledPackages(of('shared/broker.ts'), ['dist/main.cjs', 'dist/other.cjs'], lock)).toThrow(
      /dist\/other\.cjs/,
    );
  });
});
