import { createLog } from '../../shared/telemetry/log.ts';
import type { Row } from '../contest.ts';
import { createDue, createLine } from '../subjects/due.ts';

const latencyMs = 10;
const sizes = [10, 100, 1_000];
const log = createLog({ info: () => {}, warn: () => {}, error: () => {} });

export const row: Row = {
  title: 'A tick of the rotation timer',
  how:
    'One tick with 10, 100 and 1,000 subscriptions whose key is to be regenerated: the real tick, runner and machine, over records, vault, gateways and control plane in memory that answer after ' +
    '10 ms. Each is looked at, its key tried, its intent written, its key regenerated and that recorded: eight calls, six of them one after the other. It is linear where one of 1,000 takes as ' +
    'long as one of 100; 1.3 is what a cached look-up may grow by. With 10 all are moved at once, so that a single one seems to cost more.',
  rounds: 3,
  prepare: async () => ({
    units: { wall: 'ms', 'wall for each': 'ms', 'calls under way at most': '', 'calls for each': '' },
    contestants: Object.fromEntries(sizes.map((size) => [nameOf(size), () => measure(size)])),
    comparisons: [
      {
        title: 'wall for each of 1,000, of that of 100',
        measure: 'wall for each',
        of: nameOf(1_000),
        over: nameOf(100),
        bar: { atMost: 1.3 },
      },
      {
        title: 'calls under way at most with 1,000, of those with 100',
        measure: 'calls under way at most',
        of: nameOf(1_000),
        over: nameOf(100),
        bar: { atMost: 1 },
      },
    ],
  }),
};

function nameOf(size: number): string {
  return `${size.toLocaleString('en-US')} due`;
}

async function measure(size: number) {
  const line = createLine(latencyMs);
  const { tick, countRegenerated } = createDue(size, line);
  const startedAt = performance.now();
  await tick(log);
  const wall = performance.now() - startedAt;
  if (countRegenerated() !== size) throw new Error(`${countRegenerated()} of ${size} keys were regenerated.`);
  const { peak, made } = line.calls;
  return { wall, 'wall for each': wall / size, 'calls under way at most': peak, 'calls for each': made / size };
}
