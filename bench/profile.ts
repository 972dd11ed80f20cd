import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { readArguments, readCount } from '../local/stack/arguments.ts';
import { runUntilStopped } from '../local/stack/run.ts';
import { costOf, parts, sumUp, type Cost } from './profile-cost.ts';
import { serveBroker, serveLeast, serveTrivial, type Served } from './subjects/served.ts';

const usage = `Usage: npm run profile [-- --seconds N --out DIR]

Writes CPU profiles of a broker in its host, warm, under the load of npm run bench -- --only host, and of its rivals there; prints what each
part of them takes for a request, and which of the broker's functions cost most by themselves. Chrome's and Visual Studio Code's developer
tools open the files.

  --seconds N  how long each is under load, and then profiled (default 5)
  --out DIR    where the files are written (default dist/profile)
  --help
`;

const { values } = readArguments(
  () =>
    parseArgs({
      options: {
        seconds: { type: 'string', default: '5' },
        out: { type: 'string', default: join(import.meta.dirname, '../dist/profile') },
        help: { type: 'boolean' },
      },
    }),
  usage,
);
const seconds = readCount('seconds', values.seconds);
const folder = resolve(values.out);

await runUntilStopped(async ({ cleanup, end }) => {
  mkdirSync(folder, { recursive: true });
  const setting = await serveBroker(cleanup);
  const contestants = {
    broker: await profileOf('broker', setting.broker),
    least: await profileOf('what-the-contract-asks', await serveLeast(setting, cleanup)),
    trivial: await profileOf('trivial-function', await serveTrivial(setting, cleanup)),
  };
  process.stdout.write(describe(contestants));
  end();
});

/** Under load for as long before as while it is profiled: the compilers are to be done. */
async function profileOf(name: string, served: Served): Promise<Cost[]> {
  const file = join(folder, `${name}.cpuprofile`);
  await served.load(seconds * 1_000);
  let requests = 0;
  await served.profile(file, async () => {
    requests = (await served.load(seconds * 1_000)).answers;
  });
  process.stdout.write(`${file}, ${requests} requests\n`);
  return costOf(file, requests);
}

type Contestants = Readonly<Record<'broker' | 'least' | 'trivial', readonly Cost[]>>;

function describe({ broker, least, trivial }: Contestants): string {
  const sums = [broker, least, trivial].map(sumUp);
  const row = (title: string, cells: readonly string[]) =>
    `${title.padEnd(32)}${cells.map((cell) => cell.padStart(24)).join('')}\n`;
  const toText = (microseconds = 0) => microseconds.toFixed(1);
  return [
    row('µs of the processor a request', ['broker', 'what the contract asks', 'trivial function']),
    ...[...parts, 'all' as const].map((part) =>
      row(
        part,
        sums.map((sum) => toText(sum.get(part))),
      ),
    ),
    '\nWhat costs the broker most by itself, µs a request\n',
    ...broker.slice(0, 30).map(({ where, microseconds }) => `${toText(microseconds).padStart(6)}  ${where}\n`),
  ].join('');
}
