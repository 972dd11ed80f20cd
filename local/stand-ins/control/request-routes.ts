import type { Counts } from '../counts.ts';
import type { Routes } from './route.ts';

/** `GET /requests` and `DELETE /requests`. */
export function requestRoutes(counts: Counts): Routes {
  return {
    '/requests': {
      GET: () => ({ status: 200, body: counts.list() }),
      DELETE: () => {
        counts.reset();
        return { status: 200, body: {} };
      },
    },
  };
}
