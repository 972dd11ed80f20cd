import { beforeAll, describe, expect, test } from '@jest/globals';
import { build } from 'esbuild';
import { appOptions } from '../../scripts/bundle-options.ts';
import { bundleInMemory, bytesOf, sharesOf, type Built } from '../../scripts/build.ts';
import { evaluatedAtImport, type Evaluated } from '../../scripts/evaluated.ts';
import { builtinsAtImport, bundleLimits, notInBundle, packagesOfMain } from './limits.ts';

let built: Built;
beforeAll(async () => {
  built = await bundleInMemory();
}, 60_000);

const raiseIt =
  'Where that is meant, raise the figure in test/guard/limits.ts and say why in the commit; `npm run build -- --analyze` shows what is in it.';

describe.each([
  ['functions/main.ts', 'dist/main.cjs'],
  ['shared/broker.ts', 'dist/broker.cjs'],
] as const)('the bundle of %s', (entryPoint, bundle) => {
  let evaluated: Evaluated;
  beforeAll(() => {
    evaluated = evaluatedAtImport(built.metafile, entryPoint, bundle);
  });

  test.each([
    ['bytes', () => bytesOf(built, bundle)],
    ['bytesAtImport', () => evaluated.bytes],
    ['modulesAtImport', () => evaluated.modules.length],
  ] as const)('has no more %s than it may', (what, measure) => {
    const [count, limit] = [measure(), bundleLimits[bundle][what]];
    if (count > limit) throw new Error(`${bundle}: ${count} ${what}, over the limit of ${limit}. ${raiseIt}`);
    // A figure that has fallen far is lowered, or it would no longer hold anything.
    if (count < limit * 0.95)
      throw new Error(`${bundle}: ${count} ${what}: the limit of ${limit} is more than 5 % too high.`);
  });

  test('has nothing in it of what only development takes', () => {
    const packages = packagesIn(bundle);
    expect(notInBundle.filter((name) => packages.includes(name))).toEqual([]);
  });

  test('can ask at its import for these modules of Node.js alone', () => {
    expect(evaluated.builtins).toEqual(builtinsAtImport[bundle]);
  });
});

test('what a worker imports before it can tell of its functions has the triggers in it, and nothing of the broker', () => {
  expect(packagesIn('dist/main.cjs')).toEqual(packagesOfMain);
  const own = Object.keys(built.metafile.outputs['dist/main.cjs']?.inputs ?? {});
  const others = own.filter((path) => !path.includes('node_modules/') && !path.startsWith('functions/'));
  expect(others.toSorted()).toEqual([
    'functions-once:@azure/functions',
    'shared/broker-loading.ts',
    'shared/clock.ts',
    'shared/config/user-id.ts',
    'shared/http/methods.ts',
    'shared/http/whole-response.ts',
    'shared/names.ts',
    'shared/private-folder.ts',
  ]);
});

test('the names of the triggers’ library are copied once as they are imported, not for each trigger', async () => {
  const { outputFiles } = await build({ ...appOptions, outdir: 'dist', write: false, sourcemap: false });
  const main = outputFiles.find(({ path }) => path.endsWith('main.cjs'))?.text;
  expect(main?.match(/= __toESM\(require_azure_functions\(\)/g)).toHaveLength(1);
});

test('the library of the triggers is in one of the two alone: it keeps what the host gave it', () => {
  expect(packagesIn('dist/broker.cjs')).not.toContain('@azure/functions');
});

function packagesIn(bundle: string): string[] {
  return sharesOf(built, bundle)
    .map(({ name }) => name)
    .toSorted();
}
