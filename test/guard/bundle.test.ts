import { beforeAll, expect, test } from '@jest/globals';
import { bundleInMemory, sharesOf, type Built } from '../../scripts/build.ts';
import { evaluatedAtImport, type Evaluated } from '../../scripts/evaluated.ts';
import { builtinsAtImport, bundleLimits, notInBundle } from './limits.ts';

let built: Built;
let evaluated: Evaluated;
beforeAll(async () => {
  built = await bundleInMemory();
  evaluated = evaluatedAtImport(built.metafile, 'functions/main.ts', 'dist/main.cjs');
}, 60_000);

const raiseIt =
  'Where that is meant, raise the figure in test/guard/limits.ts and say why in the commit; `npm run build -- --analyze` shows what is in it.';

test.each([
  ['bytes', () => built.bytes],
  ['bytesAtImport', () => evaluated.bytes],
  ['modulesAtImport', () => evaluated.modules.length],
] as const)('the bundle has no more %s than it may', (what, measure) => {
  const [count, limit] = [measure(), bundleLimits[what]];
  if (count > limit) throw new Error(`${count} ${what}, over the limit of ${limit}. ${raiseIt}`);
  // A figure that has fallen far is lowered, or it would no longer hold anything.
  if (count < limit * 0.95) throw new Error(`${count} ${what}: the limit of ${limit} is more than 5 % too high.`);
});

test('nothing is in the bundle of what only development takes', () => {
  const packages = new Set(sharesOf(built).map(({ name }) => name));
  expect(notInBundle.filter((name) => packages.has(name))).toEqual([]);
});

test('its import can ask for these modules of Node.js alone', () => {
  expect(evaluated.builtins).toEqual(builtinsAtImport);
});
