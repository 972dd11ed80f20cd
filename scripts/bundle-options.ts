import { join } from 'node:path';
import type { BuildOptions } from 'esbuild';

const root = join(import.meta.dirname, '..');

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
  legalComments: 'none',
  sourcemap: 'linked',
  logLevel: 'warning',
} as const satisfies BuildOptions;
