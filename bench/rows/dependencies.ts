import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build as bundle } from 'esbuild';
import { commonOptions } from '../../scripts/bundle-options.ts';
import type { Row } from '../contest.ts';

const root = join(import.meta.dirname, '../..');
const nothing = '(nothing)';

export const row: Row = {
  title: 'Importing each dependency alone',
  how:
    'Each production dependency in the form in which the broker uses it, whole and minified in a bundle of its own, imported in a new process, beside an empty file. ' +
    'It is more than the broker takes of each; [dependencies.md](dependencies.md) says why each is there.',
  rounds: 7,
  prepare: async ({ cleanup }) => {
    const folder = await mkdtemp(join(tmpdir(), 'bench-dependencies-'));
    cleanup.add(() => rm(folder, { recursive: true, force: true }));
    const files = await bundleEach(folder);
    return {
      units: { import: 'ms' },
      contestants: Object.fromEntries(
        files.map(({ name, file }) => [name, async () => ({ import: importOnce(file) })]),
      ),
      comparisons: [],
    };
  },
};

async function bundleEach(folder: string) {
  const { dependencies } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  const names = [nothing, ...Object.keys(dependencies)];
  return Promise.all(
    names.map(async (name, index) => {
      const file = join(folder, `${index}.cjs`);
      const source = name === 'zod' ? 'zod/mini' : name;
      const contents = name === nothing ? '' : `export * as all from ${JSON.stringify(source)};`;
      const stdin = { contents, resolveDir: root };
      await bundle({ ...commonOptions, stdin, outfile: file, minify: true, sourcemap: false });
      return { name, file };
    }),
  );
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
