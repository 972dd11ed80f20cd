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
const plugins = [newEnoughNode];

/** What the bundle and the benchmarks' variants of it have in common. */
export const commonOptions = {
  absWorkingDir: root,
  entryPoints: ['functions/main.ts'],
  bundle: true,
  platform: 'node',
  format: 'cjs',
  // Flex Consumption offers Node 22 and 24.
  target: 'node22',
  // The Functions worker itself supplies this module.
  external: ['@azure/functions-core'],
  // jsonc-parser's `main` is a UMD file that no bundler can follow.
  mainFields: ['module', 'main'],
  plugins,
  legalComments: 'none',
  sourcemap: 'linked',
  logLevel: 'warning',
} as const satisfies BuildOptions;
