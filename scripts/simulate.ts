import { randomInt } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { readArguments, refuseArguments } from '../local/stack/arguments.ts';
import { removals, type Removal } from '../test/simulation/removals.ts';
import { addTally, createTally, type Tally } from '../test/simulation/tally.ts';
import type { Task } from '../test/simulation/task.ts';
import { carryOutAll } from './simulate/pool.ts';
import { findShortfalls, toFigures, toTable } from './simulate/report.ts';

const usage = `Usage: npm run simulate -- [--histories N] [--seed S] [--json]

Lives through N histories of a rotation, on simulated clocks, with several instances of the app and several gateways, and with
every fault that the rotation is built against. No gateway may refuse a header set before it expires. Then each part of the
rule that keeps this is taken away in turn: each must be missed.

  --histories N  Default 2000
  --seed S       The same seed gives the same histories. Default: drawn
  --json         prints one object with the figures on stdout, instead of a table
  --help

Progress goes to stderr. Exits 0 only where nothing was refused and each part was missed; from 2,000 histories on, also only
where every kind of fault has shown at least 50 times, in at least 1,000,000 uses.
`;

const { values } = readArguments(
  () =>
    parseArgs({
      options: {
        histories: { type: 'string', default: '2000' },
        seed: { type: 'string' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean' },
      },
    }),
  usage,
);
const histories = readWhole(values.histories, '--histories', 1, 1_000_000);
const seed = values.seed === undefined ? randomInt(2 ** 31) : readWhole(values.seed, '--seed', 0, 2 ** 31 - 1);

const [historiesInTask, mostWithout, progressMs] = [25, 200, 2_000];
const shares = Array.from({ length: Math.ceil(histories / historiesInTask) }, (_, share): Task => {
  const from = share * historiesInTask;
  return { seed, from, to: Math.min(histories, from + historiesInTask) };
});
const tally = createTally();
const without = new Map<Removal, Tally>();
let toldAt = 0;

function takeIn({ removal }: Task, done: Tally): void {
  if (removal) without.set(removal, done);
  else addTally(tally, done);
  if (performance.now() < toldAt + progressMs && tally.histories < histories) return;
  toldAt = performance.now();
  process.stderr.write(
    `${tally.histories} of ${histories} histories, ${tally.uses} uses, ${tally.violations} violations; ` +
      `${without.size} of ${removals.length} parts taken away\n`,
  );
}

process.stderr.write(`seed ${seed}\n`);
const tasks = [...removals.map((removal): Task => ({ seed, from: 0, to: mostWithout, removal })), ...shares];
await carryOutAll(tasks, availableParallelism(), takeIn);

const inOrder = new Map(removals.map((removal) => [removal, without.get(removal) ?? createTally()]));
const simulated = { seed, tally, without: inOrder };
for (const found of tally.found) process.stderr.write(`Violated: ${JSON.stringify(found)}\n`);
process.stdout.write(values.json ? `${JSON.stringify(toFigures(simulated))}\n` : toTable(simulated));
const shortfalls = findShortfalls(simulated);
if (shortfalls.length > 0) process.stderr.write(`Not as it must be: ${shortfalls.join('; ')}.\n`);
process.exitCode = shortfalls.length > 0 ? 1 : 0;

function readWhole(text: string, option: string, least: number, most: number): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= least && number <= most) return number;
  return refuseArguments(`${option} takes a whole number from ${least} to ${most}.`);
}
