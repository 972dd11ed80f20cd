import { join } from 'node:path';
import type { BuildOptions, Plugin } from 'esbuild';

const root = join(import.meta.dirname, '..');

/**
 * jsonwebtoken, which MSAL signs with, asks semver as it is imported whether Node.js is at least 16.9. It is, and semver would be 29 KB and some
 * 5 % of the import.
 */
const newEnoughNode: Plugin = {
  name: 'new-enough-node',
  setup: (build) => {
    const filter = /[\\/]jsonwebtoken[\\/]lib[\\/](?:asymmetricKeyDetails|rsaPssKeyDetails|ps)Supported\.js$/;
    build.onLoad({ filter }, () => ({ contents: 'module.exports = true;' }));
  },
};

/**
 * The broker is loaded when the triggers are registered: what they have of it is its file's name. Written as a `require`, because `import()` would have
 * the whole file searched for the names that it exports, and would never read again a file that it once failed to load.
 */
const brokerApart: Plugin = {
  name: 'broker-apart',
  setup: (build) => {
    build.onResolve({ filter: /^\.\/broker\.ts$/ }, ({ kind }) =>
      kind === 'dynamic-import' ? { path: './broker.cjs', external: true } : undefined,
    );
  },
};

/**
 * For each file that imports names of a CommonJS package, esbuild has all names of that package copied as the bundle is loaded: for twenty triggers that was
 * half of the import of `main` (`npm run bench -- --only start`). Here they share one copy.
 */
const functionsOnce: Plugin = {
  name: 'functions-once',
  setup: (build) => {
    const namespace = 'functions-once';
    build.onResolve({ filter: /^@azure\/functions$/ }, ({ namespace: importer, path }) =>
      importer === namespace ? undefined : { path, namespace },
    );
    build.onLoad({ filter: /.*/, namespace }, ({ path }) => ({
      contents: `export { app, HttpResponse } from '${path}';`,
      resolveDir: root,
    }));
  },
};

/** What the app is bundled into: the triggers, which `main` of package.json names, and the broker, which they load. */
export const bundles = ['dist/main.cjs', 'dist/broker.cjs'] as const;
/** All that is deployed, but for the configuration and the licences. */
export const deployed = ['package.json', 'host.json', ...bundles] as const;

/** What all bundles have in common, the benchmarks' among them. */
export const commonOptions = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  // Flex Consumption offers Node 22 and 24.
  target: 'node22',
  // The Functions worker itself supplies this module.
  external: ['@azure/functions-core'],
  // jsonc-parser's `main` is a UMD file that no bundler can follow.
  mainFields: ['module', 'main'],
  plugins: [newEnoughNode],
  legalComments: 'none',
  sourcemap: 'linked',
  logLevel: 'warning',
} as const satisfies BuildOptions;

/** The app: `bundles`, below an `outdir` of the same name as theirs. */
export const appOptions = {
  ...commonOptions,
  entryPoints: { main: 'functions/main.ts', broker: 'shared/broker.ts' },
  outExtension: { '.js': '.cjs' },
  supported: { 'dynamic-import': false },
  plugins: [newEnoughNode, brokerApart, functionsOnce],
} as const satisfies BuildOptions;
