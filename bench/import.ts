import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build as bundle } from 'esbuild';
import { build, bundlePath, commonOptions } from '../scripts/build.ts';

const usage = `Usage: npm run bench:import [-- --rounds N] [--json]

How long it takes to import the app: the minified bundle beside the same code with its packages left in node_modules, in turns, each in a
process of its own.

  --rounds N   how often each is imported (default 15)
  --json       prints one object instead of a table
  --help`;

type Row = { readonly name: string; readonly medianMs: number; readonly leastMs: number; readonly mostMs: number };

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { rounds: { type: 'string', default: '15' }, json: { type: 'boolean' }, help: { type: 'boolean' } },
  });
  if (values.help) return console.log(usage);
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error('--rounds takes a whole number above 0.');
  // Inside the project, so that the unbundled code finds its packages.
  mkdirSync(join(import.meta.dirname, '..', 'dist'), { recursive: true });
  await build();
  const folder = mkdtempSync(join(import.meta.dirname, '..', 'dist', 'unbundled-'));
  try {
    const unbundled = join(folder, 'main.cjs');
    await bundle({ ...commonOptions, outfile: unbundled, packages: 'external' });
    report(measure({ bundle: bundlePath, unbundled }, rounds), values.json === true);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Imports each file once a round, in turns, so that both see the same machine. */
function measure(files: Readonly<Record<string, string>>, rounds: number): Row[] {
  const times = new Map(Object.keys(files).map((name) => [name, [] as number[]]));
  for (let round = -1; round < rounds; round += 1) {
    for (const [name, file] of Object.entries(files)) {
      const elapsed = importOnce(file);
      // The first round fills the file cache.
      if (round >= 0) times.get(name)?.push(elapsed);
    }
  }
  return Array.from(times, ([name, all]) =>
    toRow(
      name,
      all.toSorted((a, b) => a - b),
    ),
  );
}

function toRow(name: string, sorted: number[]): Row {
  return {
    name,
    medianMs: sorted[Math.floor(sorted.length / 2)] ?? 0,
    leastMs: sorted[0] ?? 0,
    mostMs: sorted.at(-1) ?? 0,
  };
}

const script = `
  const start = performance.now();
  console.warn = () => {};
  require(process.argv[1]);
  process.stdout.write(String(performance.now() - start));
  process.exit();
`;

function importOnce(file: string): number {
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--eval', script, file], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`Importing failed: ${stderr}`);
  return Number(stdout);
}

function report(rows: Row[], json: boolean): void {
  const medianOf = (wanted: string) => rows.find(({ name }) => name === wanted)?.medianMs ?? 0;
  const ratio = medianOf('bundle') / medianOf('unbundled');
  if (json) return console.log(JSON.stringify({ node: process.version, rows, ratio }));
  console.log(`Node ${process.version}, ${cpus()[0]?.model ?? 'unknown processor'}`);
  for (const { name, medianMs, leastMs, mostMs } of rows) {
    console.log(`${name.padEnd(10)} ${medianMs.toFixed(0)} ms (${leastMs.toFixed(0)} to ${mostMs.toFixed(0)})`);
  }
  console.log(`ratio      ${ratio.toFixed(2)}`);
}

await main();
