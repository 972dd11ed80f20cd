import { fork } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { format, resolveConfig } from 'prettier';
import { readArguments, refuseArguments } from '../local/stack/arguments.ts';
import { runUntilStopped, type Run } from '../local/stack/run.ts';
import { toPage, toText } from './report.ts';
import { describeMachine, mergeResults, type Results, type RowResult } from './results.ts';
import { rows } from './rows.ts';

const names = Object.keys(rows);

const usage = `Usage: npm run bench [-- --only NAME… --rounds N --write --json]

Measures the broker, each row in a process of its own beside its rival: in turns, several rounds, median, spread and ratio
against the bar.

  --only NAME  one row; can be given again. There are ${names.join(', ')}
  --rounds N   instead of each row's own number
  --write      writes bench/results.json, where rows that were not measured stay as they are, and docs/performance.md from it
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

const resultsFile = join(import.meta.dirname, 'results.json');
const pageFile = join(import.meta.dirname, '../docs/performance.md');

await runUntilStopped(async (run) => {
  const measured: Record<string, RowResult> = {};
  for (const name of chosen) {
    run.signal.throwIfAborted();
    const result = await measure(name, run);
    measured[name] = result;
    if (!values.json) process.stdout.write(`${toText(name, result)}\n`);
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

async function write(measured: Results): Promise<void> {
  const results = mergeResults(readResults(), measured, names);
  await writeFormatted(resultsFile, JSON.stringify(results));
  await writeFormatted(pageFile, toPage(results));
}

function readResults(): Results {
  try {
    return JSON.parse(readFileSync(resultsFile, 'utf8')) as Results;
  } catch {
    return {};
  }
}

async function writeFormatted(file: string, text: string): Promise<void> {
  writeFileSync(file, await format(text, { ...(await resolveConfig(file)), filepath: file }));
}
