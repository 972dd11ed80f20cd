import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { readArguments, refuseArguments } from '../local/stack/arguments.ts';
import { runUntilStopped } from '../local/stack/run.ts';
import { soak } from './soak/soak.ts';

const usage = `Usage: npm run soak -- [--hours H] [--seed S] [--rate N] [--sabotage] [--json]

The local stack on real sockets and in real time, with two instances of the broker in processes of their own. Callers ask for headers
and use them until their last moment, report them, and send what must be refused; all subscriptions are rotated every minute or two; every
three to eight seconds something fails for a while: Entra, Key Vault, storage, Azure Resource Manager, the managed identity, a gateway, or
the second instance, which is killed. The first is weighed, once garbage is collected.

  --hours H    Default 1. 0.05 is three minutes
  --seed S     the same seed draws the same faults in the same order. Default: drawn
  --rate N     requests to the broker a second. Default 15
  --sabotage   regenerates keys behind the broker's back after a third of the time: it must end with violations
  --json       prints one object with the figures on stdout, in place of a table
  --help

Progress and violations go to stderr. Ctrl-C ends it with the figures so far. Exits 0 only where no guarantee was broken, the heap does not grow by
more than noise (docs/testing.md), a key was regenerated at least every three minutes, and something failed at least every ten seconds.
`;

const { values } = readArguments(
  () =>
    parseArgs({
      options: {
        hours: { type: 'string', default: '1' },
        seed: { type: 'string' },
        rate: { type: 'string', default: '15' },
        sabotage: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean' },
      },
    }),
  usage,
);
const hours = readNumber(values.hours, '--hours', 0.001, 1_000);
const rate = readNumber(values.rate, '--rate', 1, 200);
const seed = values.seed === undefined ? randomInt(2 ** 31) : readSeed(values.seed);
const { sabotage, json: asJson } = values;

await runUntilStopped((run) => soak(run, { hours, seed, rate, sabotage, asJson }));

function readSeed(text: string): number {
  const most = 2 ** 31 - 1;
  if (/^\d+$/.test(text) && Number(text) <= most) return Number(text);
  return refuseArguments(`--seed takes a whole number from 0 to ${most}.`);
}

function readNumber(text: string, option: string, least: number, most: number): number {
  const number = Number(text);
  if (text.trim() !== '' && number >= least && number <= most) return number;
  return refuseArguments(`${option} takes a number from ${least} to ${most}.`);
}
