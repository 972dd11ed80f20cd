import { generateKeyPairSync } from 'node:crypto';
import { globSync, mkdirSync, writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { Stryker } from '@stryker-mutator/core';
import type { Area } from './areas.ts';
import { toRows, type Row } from './report.ts';

/** What an area came to. */
export type Outcome = { readonly area: string; readonly least: number; readonly rows: readonly Row[] };

/** Where an area's tests are gathered, and what came of it is kept. */
const folder = '.stryker';

/** One file that imports all of an area's tests. Jest makes a world for each file, which takes longer than what most of them do in it. */
function gatherTests({ name, tests, without = [] }: Area): string {
  const files = globSync([...tests]).filter((file) => !without.some((ending) => file.endsWith(ending)));
  const path = `${folder}/${name}.test.ts`;
  mkdirSync(folder, { recursive: true });
  writeFileSync(path, files.map((file) => `import '../${file}';\n`).join(''));
  return path;
}

/** For `test/support/caller-tokens.ts`: so many RSA keys of so many bits as the tests of an area need. */
const keysNeeded = { 1_024: 1, 2_048: 12, 3_072: 1 };

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
export async function mutateArea(area: Area, isIncremental: boolean): Promise<Outcome> {
  const tests = gatherTests(area);
  const results = await new Stryker({
    mutate: [...area.mutate],
    jest: {
      config: {
        roots: [`<rootDir>/${folder}`],
        testMatch: [`<rootDir>/${tests}`],
        testTimeout,
        globals: { readyKeys: createKeys() },
      },
    },
    incremental: isIncremental,
    incrementalFile: `${folder}/${area.name}.json`,
    // What fell short is told at the end, and once.
    thresholds: { break: null },
  }).runMutationTest();
  const named = results.map(({ fileName, status }) => ({ fileName: relative('', fileName), status }));
  return { area: area.name, least: area.least, rows: toRows(named) };
}
