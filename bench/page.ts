import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { toPage } from './report.ts';
import type { Results } from './results.ts';
import { loadRows } from './rows.ts';

export const resultsFile = join(import.meta.dirname, 'results.json');

/** @returns nothing where nothing has been measured. */
export function readResults(): Results {
  return existsSync(resultsFile) ? (JSON.parse(readFileSync(resultsFile, 'utf8')) as Results) : {};
}

/** `docs/performance.md`: what was measured, beside what the rows say of themselves now. */
export async function renderPerformancePage(): Promise<string> {
  return toPage(await loadRows(), readResults());
}
