import { generateKeyPairSync } from 'node:crypto';
import { dirname, relative } from 'node:path';
import { Stryker } from '@stryker-mutator/core';
import type { Area } from './areas.ts';
import { toRows, type Row } from './report.ts';

/** What an area came to. */
export type Outcome = { readonly area: string; readonly least: number; readonly rows: readonly Row[] };

/** Where the tests' own imports lie: whatever else Jest would look at costs time for each change. */
const supportRoots = ['shared', 'local', 'scripts', 'test/support', 'test/cli'];

/** For `test/support/caller-tokens.ts`: so many RSA keys of so many bits as one file of tests needs. */
const keysNeeded = { 1_024: 1, 2_048: 4, 3_072: 1 };

function createKeys(): Record<string, string[]> {
  const createKey = (modulusLength: number) =>
    generateKeyPairSync('rsa', { modulusLength }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return Object.fromEntries(
    Object.entries(keysNeeded).map(([bits, count]) => [
      bits,
      Array.from({ length: count }, () => createKey(Number(bits))),
    ]),
  );
}

/** These tests wait for nothing: one that has not ended after so many milliseconds waits for what the change has taken away. */
const testTimeout = 10_000;

/**
 * Changes an area, one thing at a time, and runs its tests on each change. What all areas have in common is in `stryker.config.json`.
 *
 * @param isIncremental keeps what came of it, and changes only what is new since the last time, or has new tests.
 */
export async function mutateArea({ name, least, ...area }: Area, isIncremental: boolean): Promise<Outcome> {
  const results = await new Stryker({
    mutate: [...area.mutate],
    jest: {
      config: {
        testMatch: area.tests.map((glob) => `<rootDir>/${glob}`),
        testPathIgnorePatterns: ['/node_modules/', ...(area.without ?? [])],
        testTimeout,
        globals: { readyKeys: createKeys() },
        roots: [...supportRoots, ...area.tests.map((glob) => dirname(glob))].map((root) => `<rootDir>/${root}`),
      },
    },
    incremental: isIncremental,
    incrementalFile: `.stryker/${name}.json`,
    // What fell short is told at the end, and once.
    thresholds: { break: null },
  }).runMutationTest();
  const named = results.map(({ fileName, status }) => ({ fileName: relative('', fileName), status }));
  return { area: name, least, rows: toRows(named) };
}
