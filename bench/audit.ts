import { parseArgs } from 'node:util';
import { readArguments, readCount } from '../local/stack/arguments.ts';
import { runUntilStopped } from '../local/stack/run.ts';
import { measureSinks, type Measured } from './audit-measure.ts';

const usage = `Usage: npm run bench:audit [-- --seconds N --callers N --connections N --rate N --json]

What an audit trail costs: hand-outs a second, and latency, without one, with the trail in the log, and with a strict
one in a table. The broker runs in the local host, in a process of its own; the table is Azurite's. Everything shares
this machine, the load too.

  --seconds N      how long each is measured, twice: as fast as it goes, and at a steady rate (default 5)
  --callers N      how many callers ask (default 4); a transaction holds the records of one
  --connections N  how many requests are under way at once (default 64)
  --rate N         hand-outs a second at the steady rate, at which latency is told (default 1000)
  --json           prints one object instead of a table
  --help

Exits 0 only where every request was answered with a header set, and the table kept the steady rate.
`;

type Rate = { readonly rate: number };

async function main(): Promise<void> {
  const { values } = readArguments(
    () =>
      parseArgs({
        options: {
          seconds: { type: 'string', default: '5' },
          callers: { type: 'string', default: '4' },
          connections: { type: 'string', default: '64' },
          rate: { type: 'string', default: '1000' },
          json: { type: 'boolean', default: false },
          help: { type: 'boolean' },
        },
      }),
    usage,
  );
  const options = {
    seconds: readCount('seconds', values.seconds),
    callers: readCount('callers', values.callers),
    connections: readCount('connections', values.connections),
    rate: readCount('rate', values.rate),
  };
  await runUntilStopped(async (run) => {
    const measured = await measureSinks(run, options);
    const problems = problemsOf(measured, options);
    process.stdout.write(
      values.json ? `${JSON.stringify(toFigures(measured, options))}\n` : toTable(measured, options),
    );
    if (problems.length > 0) run.fail(problems.join(' '));
    else run.end();
  });
}

/** The load cannot keep its own rate to the last request. */
const kept = 0.98;

function problemsOf({ off, log, table }: Measured, { rate }: Rate): string[] {
  const failures = [off, log, table].reduce((sum, each) => sum + each.failures, 0);
  return [
    ...(failures > 0 ? [`${failures} requests were not answered with a header set.`] : []),
    ...(table.steadyPerSecond < rate * kept ? [`The table kept ${table.steadyPerSecond} of ${rate} a second.`] : []),
  ];
}

function toFigures({ off, log, table }: Measured, { rate }: Rate) {
  const rows = Object.entries({ off, log, table }).map(([sink, row]) => ({
    sink,
    ...row,
    addedMedianMs: round(row.medianMs - off.medianMs),
    addedP99Ms: round(row.p99Ms - off.p99Ms),
    ratio: round(row.perSecond / off.perSecond),
  }));
  return { node: process.version, rate, rows, recordsPerTransaction: table.recordsPerTransaction };
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

function toTable(measured: Measured, { rate }: Rate): string {
  const { rows } = toFigures(measured, { rate });
  const lines = rows.map(({ sink, perSecond, ratio, medianMs, p99Ms, addedMedianMs, addedP99Ms }) => [
    sink,
    perSecond,
    ratio.toFixed(2),
    medianMs.toFixed(1),
    p99Ms.toFixed(1),
    addedMedianMs,
    addedP99Ms,
  ]);
  const heading = ['sink', 'a second', 'of off', 'median ms', 'p99 ms', 'added median', 'added p99'];
  const toLine = (cells: readonly (string | number)[]) => cells.map((cell) => String(cell).padStart(13)).join('');
  const { steadyPerSecond, recordsPerTransaction, steadyRecordsPerTransaction } = measured.table;
  return [
    `Node ${process.version}. Latency at ${rate} hand-outs a second; the other figures as fast as it goes.`,
    ...[heading, ...lines].map(toLine),
    `The table kept ${steadyPerSecond} of ${rate} a second, ${steadyRecordsPerTransaction} records in a transaction; ${recordsPerTransaction} as fast as it goes.`,
    '',
  ].join('\n');
}

await main();
