import { createManualClock } from '../../test/support/manual-clock.ts';
import { createManyCallers } from './many-callers.ts';

// For bench/rows/memory.ts, in a process of its own that holds nothing of the benchmark's tools: told how many callers are to have asked, it
// answers how large its heap is then.
const [callers, apis] = [100_000, 1_000];
const tenMinutes = 600_000;
/** As many as are under way at once. */
const atOnce = 50;

const clock = createManualClock();
const ask = createManyCallers(clock, { callers, apis });
let asked = 0;

async function askUntil(count: number): Promise<void> {
  for (; asked < count; asked += atOnce) {
    await Promise.all(Array.from({ length: atOnce }, (_, index) => ask(asked + index)));
    await clock.advance((tenMinutes * atOnce) / callers);
  }
}

async function measureHeap(): Promise<number> {
  if (!globalThis.gc) throw new Error('Node.js runs without --expose-gc.');
  // What a first collection has found dead may free more in the next.
  for (let times = 0; times < 5; times += 1) {
    globalThis.gc();
    await new Promise((resolve) => setImmediate(resolve));
  }
  return process.memoryUsage().heapUsed;
}

process.on('message', (count) => {
  void askUntil(Number(count))
    .then(measureHeap)
    .then((heap) => process.send?.({ heap }));
});
process.on('disconnect', () => process.exit());
