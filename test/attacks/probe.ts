import { queryObjects } from 'node:v8';

/**
 * Loaded into the broker's process ahead of it: says, when it is asked, how much the process keeps. `queryObjects` collects garbage first.
 */
process.on('message', (message) => {
  if (message !== 'weigh') return;
  const entries = [Map, Set].reduce((sum, kind) => sum + countEntries(kind), 0);
  process.send?.({ entries, heap: process.memoryUsage().heapUsed });
});

/** How many entries all of a kind hold together. */
function countEntries(kind: MapConstructor | SetConstructor): number {
  const summaries = queryObjects(kind, { format: 'summary' });
  return summaries.reduce((sum, summary) => sum + Number(/^\w*\((\d+)\)/.exec(summary)?.[1] ?? 0), 0);
}
