import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { readArguments } from '../local/stack/arguments.ts';
import { analyzeMetafile, build as esbuild, type Metafile, type OutputFile } from 'esbuild';
import { buildClient } from './build-client.ts';
import { appOptions, bundles } from './bundle-options.ts';

const root = join(import.meta.dirname, '..');
/** Absolute paths, the triggers first. */
export const bundlePaths = bundles.map((name) => join(root, name));

export type Built = { readonly metafile: Metafile };

/**
 * Bundles and minifies the app into `dist/`. Each file is replaced in one step, the triggers last: a worker that starts meanwhile reads the old one or
 * the new, and what one asks of the other is that it builds a broker.
 */
export async function build(): Promise<Built> {
  const { outputFiles, ...built } = await bundleInMemory();
  await mkdir(join(root, 'dist'), { recursive: true });
  const unfinished = (path: string) => `${path}.${process.pid}.tmp`;
  for (const { path, contents } of outputFiles) {
    await writeFile(path.endsWith('.map') ? path : unfinished(path), contents);
  }
  for (const path of bundlePaths.toReversed()) await rename(unfinished(path), path);
  return built;
}

/** What `build` writes. */
export async function bundleInMemory(): Promise<Built & { readonly outputFiles: readonly OutputFile[] }> {
  const { metafile, outputFiles } = await esbuild({
    ...appOptions,
    outdir: 'dist',
    minify: true,
    metafile: true,
    write: false,
  });
  return { metafile, outputFiles };
}

/** Of one of `bundles`. */
export function bytesOf({ metafile }: Built, bundle: string): number {
  return metafile.outputs[bundle]?.bytes ?? 0;
}

type Share = { readonly name: string; readonly bytes: number };

/** Bytes of a bundle by package, largest first. */
export function sharesOf({ metafile }: Built, bundle: string): Share[] {
  const shares = new Map<string, number>();
  for (const [path, { bytesInOutput }] of Object.entries(metafile.outputs[bundle]?.inputs ?? {})) {
    const name = packageOf(path);
    shares.set(name, (shares.get(name) ?? 0) + bytesInOutput);
  }
  return Array.from(shares, ([name, bytes]) => ({ name, bytes })).toSorted((a, b) => b.bytes - a.bytes);
}

const moduleOfPackage = /^(?:.*\/)?node_modules\/(?<name>(?:@[^/]+\/)?[^/]+)\/(?<path>.*)$/;
const format = /(^|\/)(commonjs|esm|cjs|browser|module)\//;
/** A file that only hands on another, so that both module formats share its state, is smaller than this. */
const leastBytes = 200;

/** Modules that are in a bundle from more than one copy of their package, or in more than one format. */
export function duplicatesOf({ metafile }: Built, bundle: string): string[] {
  const places = new Map<string, string[]>();
  for (const [place, { bytesInOutput }] of Object.entries(metafile.outputs[bundle]?.inputs ?? {})) {
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

Bundles the triggers into dist/main.cjs, the broker that they load into dist/broker.cjs, and the client library into
dist/client.

  --analyze      prints what each bundle is made of, by package, and what is in it twice
  --modules      prints what they are made of, by module
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
  for (const bundle of bundles) {
    console.log(`${bundle}: ${kilobytes(bytesOf(built, bundle))} KB, minified`);
    if (values.analyze) analyze(built, bundle);
  }
  if (values.modules) console.log(await analyzeMetafile(built.metafile));
}

function analyze(built: Built, bundle: string): void {
  for (const { name, bytes } of sharesOf(built, bundle)) console.log(`${kilobytes(bytes).padStart(8)} KB  ${name}`);
  const duplicates = duplicatesOf(built, bundle);
  console.log(duplicates.length === 0 ? 'Nothing is in it twice.' : `In it twice:\n  ${duplicates.join('\n  ')}`);
}

function kilobytes(bytes: number): string {
  return (bytes / 1_000).toFixed(1);
}

// Not awaited: tests, which run as CommonJS, import this file.
if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) void main();
