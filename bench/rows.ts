import type { Row } from './contest.ts';

/** Every row by its name, in the order of the table. Each is loaded in its own process alone. */
export const rows: Readonly<Record<string, () => Promise<{ row: Row }>>> = {
  'token-look-up': () => import('./rows/token-look-up.ts'),
  host: () => import('./rows/host.ts'),
  'hand-out': () => import('./rows/hand-out.ts'),
  cold: () => import('./rows/cold.ts'),
  refresh: () => import('./rows/refresh.ts'),
  start: () => import('./rows/start.ts'),
  audit: () => import('./rows/audit.ts'),
  memory: () => import('./rows/memory.ts'),
  dependencies: () => import('./rows/dependencies.ts'),
  'rotation-tick': () => import('./rows/rotation-tick.ts'),
  telemetry: () => import('./rows/telemetry.ts'),
};

/** What can be said of them without measuring, in the order of the table. */
export async function loadRows(names: readonly string[] = Object.keys(rows)): Promise<Record<string, Row>> {
  const loaded = await Promise.all(names.map(async (name) => [name, (await rows[name]?.())?.row] as const));
  return Object.fromEntries(loaded.flatMap(([name, row]) => (row ? [[name, row]] : [])));
}
