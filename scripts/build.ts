import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { readArguments } from '../local/stack/arguments.ts';
import { analyzeMetafile, build as bundle, type Metafile, type OutputFile } from 'esbuild';
import { buildClient } from './build-client.ts';
import { commonOptions } from './bundle-options.ts';

const root = join(import.meta.dirname, '..');
/** The whole app in one file, as `main` of package.json names it. */
export const bundlePath = join(root, 'dist', 'main.cjs');

export type Built = { readonly bytes: number; readonly metafile: Metafile };

/** Bundles and minifies the app into `dist/`. The file is replaced in one step: a worker that starts meanwhile reads the old one or the new. */
export async function build(): Promise<Built> {
  const { outputFiles, ...built } = await bundleInMemory();
  await mkdir(dirname(bundlePath), { recursive: true });
  const unfinished = `${bundlePath}.${process.pid}.tmp`;
  for (const { path, contents } of outputFiles) {
    if (path.endsWith('.map')) await writeFile(path, contents);
    else await writeFile(unfinished, contents);
  }
  await rename(unfinished, bundlePath);
  return built;
}

/** What `build` writes. */
export async function bundleInMemory(): Promise<Built & { readonly outputFiles: readonly OutputFile[] }> {
  const { metafile, outputFiles } = await bundle({
    ...commonOptions,
    outfile: bundlePath,
    minify: true,
    metafile: true,
    write: false,
  });
  return { bytes: metafile.outputs['dist/main.cjs']?.bytes ?? 0, metafile, outputFiles };
}

type Share = { readonly name: string; readonly bytes: number };

/** Bytes of the bundle by package, largest first. */
export function sharesOf({ metafile }: Built): Share[] {
  const shares = new Map<string, number>();
  for (const [path, { bytesInOutput }] of Object.entries(metafile.outputs['dist/main.cjs']?.inputs ?? {})) {
    const name = packageOf(path);
    shares.set(name, (shares.get(name) ?? 0) + bytesInOutput);
  }
  return Array.from(shares, ([name, bytes]) => ({ name, bytes })).toSorted((a, b) => b.bytes - a.bytes);
}

const moduleOfPackage = /^(?:.*\/)?node_modules\/(?<name>(?:@[^/]+\/)?[^/]+)\/(?<path>.*)$/;
const format = /(^|\/)(commonjs|esm|cjs|browser|module)\//;
/** A file that only hands on another, so that both module formats share its state, is smaller than this. */
const leastBytes = 200;

/** Modules that are in the bundle from more than one copy of their package, or in more than one format. */
export function duplicatesOf({ metafile }: Built): string[] {
  const places = new Map<string, string[]>();
  for (const [place, { bytesInOutput }] of Object.entries(metafile.outputs['dist/main.cjs']?.inputs ?? {})) {
    const { name, path } = moduleOfPackage.exec(place)?.groups ?? {};
    if (!name || !path || bytesInOutput < leastBytes) continue;
    const module = `${name}/${path.replace(format, '$1')}`;
    places.set(module, [...(places.get(module) ?? []), place]);
  }
  return Array.from(places.values()).flatMap((found) => (found.length > 1 ? [found.join(' and ')] : []));
}

function packageOf(path: string): string {
  return /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules\/)/.exec(path)?.[1] ?? 'the broker itself';
}

const usage = `Usage: npm run build [-- --analyze --modules]

Bundles the app into dist/main.cjs, and the client library into dist/client.

  --analyze      prints what the bundle is made of, by package, and what is in it twice
  --modules      prints what it is made of, by module
  --help
`;

async function main(): Promise<void> {
  const { values } = readArguments(
    () =>
      parseArgs({
        options: { analyze: { type: 'boolean' }, modules: { type: 'boolean' }, help: { type: 'boolean' } },
      }),
    usage,
  );
  const [built] = await Promise.all([build(), buildClient()]);
  console.log(`dist/main.cjs: ${kilobytes(built.bytes)} KB, minified`);
  if (values.modules) console.log(await analyzeMetafile(built.metafile));
  if (!values.analyze) return;
  for (const { name, bytes } of sharesOf(built)) console.log(`${kilobytes(bytes).padStart(8)} KB  ${name}`);
  const duplicates = duplicatesOf(built);
  console.log(duplicates.length === 0 ? 'Nothing is in it twice.' : `In it twice:\n  ${duplicates.join('\n  ')}`);
}

function kilobytes(bytes: number): string {
  return (bytes / 1_000).toFixed(1);
}

// Not awaited: tests, which run as CommonJS, import this file.
if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) void main();
