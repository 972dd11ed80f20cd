import { dirname } from 'node:path';
import { Stryker } from '@stryker-mutator/core';
import type { Area } from './areas.ts';
import { toRows, type Row } from './report.ts';

/** What an area came to. */
export type Outcome = { readonly area: string; readonly least: number; readonly rows: readonly Row[] };

/** Where the tests' own imports lie: whatever else Jest would look at costs time for each change. */
const supportRoots = ['shared', 'local', 'scripts', 'test/support'];

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
        roots: [...supportRoots, ...area.tests.map((glob) => dirname(glob))].map((root) => `<rootDir>/${root}`),
      },
    },
    incremental: isIncremental,
    incrementalFile: `.stryker/${name}.json`,
    // What fell short is told at the end, and once.
    thresholds: { break: null },
  }).runMutationTest();
  return { area: name, least, rows: toRows(results) };
}
