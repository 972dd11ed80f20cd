import { mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { readArguments, readCount } from '../local/stack/arguments.ts';
import { runUntilStopped } from '../local/stack/run.ts';
import {
  allocationsOf,
  costOf,
  parts,
  sumUp,
  timesOf,
  type Cost,
  type CpuProfile,
  type HeapProfile,
  type Taken,
} from './profile-cost.ts';
import type { ProfileKind } from './subjects/report-processor.ts';
import { serveBroker, serveLeast, serveTrivial, type Served } from './subjects/served.ts';

const usage = `Usage: npm run profile [-- --seconds N --out DIR]

Writes profiles of a broker in its host, warm, under the load of npm run bench -- --only host, and of its rivals there, in ten turns: of what
takes the processor, and of what allocates. Prints what each part of them takes for a request, and which of the broker's functions take most by
themselves. Chrome's and Visual Studio Code's developer tools open the files.

  --seconds N  how long each is profiled, in all of its turns, for either (default 10)
  --out DIR    where the files are written (default dist/profile)
  --help
`;

const { values } = readArguments(
  () =>
    parseArgs({
      options: {
        seconds: { type: 'string', default: '10' },
        out: { type: 'string', default: join(import.meta.dirname, '../dist/profile') },
        help: { type: 'boolean' },
      },
    }),
  usage,
);
const seconds = readCount('seconds', values.seconds);
const folder = resolve(values.out);

/** As many turns as are measured, each as long as the machine stays the same. */
const turns = 10;

type Contestant = { readonly name: string; readonly served: Served };
/** What one took in all of its turns, and how many requests there were. */
type Sum = { readonly taken: Taken[]; requests: number };

await runUntilStopped(async ({ cleanup, end }) => {
  mkdirSync(folder, { recursive: true });
  const broker = await serveBroker(cleanup);
  const contestants: readonly Contestant[] = [
    { name: 'broker', served: broker.broker },
    { name: 'what-the-contract-asks', served: await serveLeast(broker, cleanup) },
    { name: 'trivial-function', served: await serveTrivial(broker, cleanup) },
  ];
  const times = await profileInTurns('cpu', contestants, (text) => timesOf(JSON.parse(text) as CpuProfile));
  const bytes = await profileInTurns('heap', contestants, (text) => allocationsOf(JSON.parse(text) as HeapProfile));
  process.stdout.write(
    `${describe('µs of the processor', times)}\n${describe('bytes allocated', bytes)}\nThe profiles are in ${folder}.\n`,
  );
  end();
});

/** @returns what each contestant takes for a request, in their order. */
async function profileInTurns(
  kind: ProfileKind,
  contestants: readonly Contestant[],
  read: (text: string) => Taken[],
): Promise<Cost[][]> {
  const sums = new Map<Contestant, Sum>(contestants.map((contestant) => [contestant, { taken: [], requests: 0 }]));
  for (let turn = 1; turn <= turns; turn += 1) {
    process.stderr.write(`${kind} ${turn} of ${turns}\n`);
    for (const [{ name, served }, sum] of sums) {
      const file = join(folder, `${name}-${turn}.${kind}profile`);
      // oxlint-disable-next-line no-await-in-loop -- One at a time has the machine.
      await served.profile(kind, file, async () => {
        sum.requests += (await served.load((seconds * 1_000) / turns)).answers;
      });
      sum.taken.push(...read(readFileSync(file, 'utf8')));
    }
  }
  return Array.from(sums.values(), ({ taken, requests }) => costOf(taken, requests));
}

function describe(title: string, costs: readonly Cost[][]): string {
  const row = (name: string, cells: readonly string[]) =>
    `${name.padEnd(32)}${cells.map((cell) => cell.padStart(24)).join('')}\n`;
  const sums = costs.map(sumUp);
  const toText = (amount = 0) => amount.toFixed(1);
  return [
    row(`${title} a request`, ['broker', 'what the contract asks', 'trivial function']),
    ...[...parts, 'all' as const].map((part) =>
      row(
        part,
        sums.map((sum) => toText(sum.get(part))),
      ),
    ),
    `\nWhere the broker takes most of them, ${title} a request\n`,
    ...(costs[0] ?? []).slice(0, 20).map(({ where, amount }) => `${toText(amount).padStart(8)}  ${where}\n`),
  ].join('');
}
