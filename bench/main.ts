import { fork } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { format, resolveConfig } from 'prettier';
import { readArguments, refuseArguments } from '../local/stack/arguments.ts';
import { runUntilStopped, type Run } from '../local/stack/run.ts';
import { readResults, renderPerformancePage, resultsFile } from './page.ts';
import { toText } from './report.ts';
import { addResults, describeMachine, type RowResult } from './results.ts';
import { loadRows, rows } from './rows.ts';

const names = Object.keys(rows);

const usage = `Usage: npm run bench [-- --only NAME… --rounds N --write --json]

Measures the broker, each row in a process of its own beside its rival: in turns, several rounds, median, spread and ratio
against the bar.

  --only NAME  one row; can be given again. There are ${names.join(', ')}
  --rounds N   instead of each row's own number
  --write      adds what was measured to bench/results.json, which keeps three runs of each row, and writes docs/performance.md from it
  --json       prints one object instead of tables
  --help

Exits 0 only where each bar is met. Nothing else should run on the machine meanwhile.
`;

const { values } = readArguments(
  () =>
    parseArgs({
      options: {
        only: { type: 'string', multiple: true },
        rounds: { type: 'string' },
        write: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean' },
      },
    }),
  usage,
);
const chosen = values.only ?? names;
for (const name of chosen) if (!names.includes(name)) refuseArguments(`There is no row "${name}".`);
if (values.rounds !== undefined && !/^[1-9]\d{0,3}$/.test(values.rounds)) {
  refuseArguments('--rounds takes a whole number from 1 to 9999.');
}

const pageFile = join(import.meta.dirname, '../docs/performance.md');
const told = await loadRows(chosen);

await runUntilStopped(async (run) => {
  const measured: Record<string, RowResult> = {};
  for (const [name, row] of Object.entries(told)) {
    run.signal.throwIfAborted();
    const startedAt = performance.now();
    process.stderr.write(`${name}, of ${values.rounds ?? row.rounds} rounds:`);
    const result = await measure(name, run);
    process.stderr.write(`, ${Math.round((performance.now() - startedAt) / 1_000)} s\n`);
    measured[name] = result;
    if (!values.json) process.stdout.write(`${toText(name, row, result)}\n`);
  }
  if (values.json) process.stdout.write(`${JSON.stringify(measured)}\n`);
  if (values.write) await write(measured);
  const missed = Object.entries(measured).filter(([, { comparisons }]) => comparisons.some(({ isMet }) => !isMet));
  if (missed.length > 0) run.fail(`Missed a bar: ${missed.map(([name]) => name).join(', ')}.`);
  else run.end();
});

function measure(name: string, { signal }: Run): Promise<RowResult> {
  const child = fork(join(import.meta.dirname, 'row-process.ts'), [name, ...(values.rounds ? [values.rounds] : [])], {
    execArgv: ['--expose-gc', '--no-warnings'],
  });
  const stop = (): void => void child.kill('SIGTERM');
  signal.addEventListener('abort', stop, { once: true });
  return new Promise((resolve, reject) => {
    child.once('message', (result) => {
      const on = new Date().toISOString();
      resolve({ on, machine: describeMachine(), ...(result as Omit<RowResult, 'on' | 'machine'>) });
    });
    child.once('error', reject);
    child.once('exit', () => {
      signal.removeEventListener('abort', stop);
      reject(new Error(`The row "${name}" could not be measured; what it printed says why.`));
    });
  });
}

async function write(measured: Readonly<Record<string, RowResult>>): Promise<void> {
  await writeFormatted(resultsFile, JSON.stringify(addResults(readResults(), measured, names)));
  await writeFormatted(pageFile, await renderPerformancePage());
}

async function writeFormatted(file: string, text: string): Promise<void> {
  writeFileSync(file, await format(text, { ...(await resolveConfig(file)), filepath: file }));
}
