import type { Row } from './contest.ts';

/** Every row by its name, in the order of the table. Each is loaded in its own process alone. */
export const rows: Readonly<Record<string, () => Promise<{ row: Row }>>> = {
  'token-look-up': () => import('./rows/token-look-up.ts'),
  host: () => import('./rows/host.ts'),
  'hand-out': () => import('./rows/hand-out.ts'),
  refresh: () => import('./rows/refresh.ts'),
};
