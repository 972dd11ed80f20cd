import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readArguments, readCount } from '../local/stack/arguments.ts';
import { build as bundle } from 'esbuild';
import { build, bundlePath } from '../scripts/build.ts';
import { commonOptions } from '../scripts/bundle-options.ts';
import { summarise } from './statistics.ts';

const usage = `Usage: npm run bench:import [-- --rounds N --each --json]

How long it takes to import the app: the minified bundle beside the same code with its packages left in node_modules, in turns, each in a
process of its own.

  --rounds N   how often each is imported (default 15)
  --each       the production dependencies instead, each bundled alone, beside an empty file
  --json       prints one object instead of a table
  --help
`;

const root = join(import.meta.dirname, '..');

type Row = { readonly name: string; readonly medianMs: number; readonly leastMs: number; readonly mostMs: number };

async function main(): Promise<void> {
  const { values } = readArguments(
    () =>
      parseArgs({
        options: {
          rounds: { type: 'string', default: '15' },
          each: { type: 'boolean', default: false },
          json: { type: 'boolean', default: false },
          help: { type: 'boolean' },
        },
      }),
    usage,
  );
  const rounds = readCount('rounds', values.rounds);
  await build();
  // Inside the project, so that the unbundled code finds its packages.
  const folder = mkdtempSync(join(root, 'dist', 'import-'));
  try {
    const files = values.each
      ? await bundleEach(folder)
      : { bundle: bundlePath, unbundled: await leaveUnbundled(folder) };
    report(measure(files, rounds), values.json);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function leaveUnbundled(folder: string): Promise<string> {
  const outfile = join(folder, 'main.cjs');
  await bundle({ ...commonOptions, outfile, packages: 'external' });
  return outfile;
}

/** A bundle of its own for each production dependency, in the form in which the broker uses it. */
async function bundleEach(folder: string): Promise<Record<string, string>> {
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  const entries = ['(nothing)', ...Object.keys(dependencies)].map(async (name, index) => {
    const outfile = join(folder, `${index}.cjs`);
    const source = name === 'zod' ? 'zod/mini' : name;
    const contents = index === 0 ? '' : `export * as all from ${JSON.stringify(source)};`;
    const stdin = { contents, resolveDir: root };
    const { entryPoints: _, ...options } = commonOptions;
    await bundle({ ...options, stdin, outfile, minify: true });
    return [name, outfile] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
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
  return Array.from(times, ([name, all]) => {
    const { median: medianMs, least: leastMs, most: mostMs } = summarise(all);
    return { name, medianMs, leastMs, mostMs };
  });
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
  const [first, second] = rows;
  const ratio = rows.length === 2 && first && second ? first.medianMs / second.medianMs : undefined;
  if (json) return console.log(JSON.stringify({ node: process.version, rows, ratio }));
  console.log(`Node ${process.version}, ${cpus()[0]?.model ?? 'unknown processor'}; median, least and most`);
  for (const { name, medianMs, leastMs, mostMs } of rows) {
    console.log(`${name.padEnd(24)} ${medianMs.toFixed(0)} ms (${leastMs.toFixed(0)} to ${mostMs.toFixed(0)})`);
  }
  if (ratio !== undefined) console.log(`${'ratio'.padEnd(24)} ${ratio.toFixed(2)}`);
}

await main();
