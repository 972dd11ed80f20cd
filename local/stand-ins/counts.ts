import type { Target } from './server.ts';

/** How often a target gave one status to one method and path. Status 0: no answer was sent (hung, reset, or the client went away first). */
type RequestCount = { target: Target; method: string; path: string; status: number; count: number };

/** Request counts since the last reset, as `GET /requests` of the control address shows them. */
export type Counts = {
  /** `path` without its query, which may carry secrets. */
  record(target: Target, method: string, path: string, status: number): void;
  /** In the order of each row's first request. */
  list(): RequestCount[];
  reset(): void;
};

/** The path under which requests are counted once there are 2,000 rows. */
export const otherPaths = '(other paths)';

const maxRows = 2_000;

/** Counts that start empty. Past 2,000 rows new paths share the row `(other paths)`, so that nothing a client sends can grow it further. */
export function createCounts(): Counts {
  const rows = new Map<string, RequestCount>();

  const record = (target: Target, method: string, path: string, status: number): void => {
    const key = JSON.stringify([target, method, path, status]);
    const row = rows.get(key);
    if (row) row.count += 1;
    else if (rows.size < maxRows || path === otherPaths) rows.set(key, { target, method, path, status, count: 1 });
    else record(target, method, otherPaths, status);
  };

  return {
    record,
    list: () => Array.from(rows.values(), (row) => ({ ...row })),
    reset: () => rows.clear(),
  };
}
