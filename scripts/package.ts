import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { readArguments } from '../local/stack/arguments.ts';
import { build } from './build.ts';
import { bundles } from './bundle-options.ts';
import { billOfMaterials } from './package/bill-of-materials.ts';
import { bundledPackages, directPlaces, readLock } from './package/bundled.ts';
import { contentsOf, readManifest } from './package/contents.ts';
import { zip } from './package/zip.ts';

const root = join(import.meta.dirname, '..');

const usage = `Usage: npm run package [-- --out DIR]

Builds the app, and packs what is deployed into token-broker.zip: the bundles, host.json, a package.json and the
licences, with nothing to install or build where it runs. The same commit gives the same bytes. Beside it,
sbom.json says what is in the bundles, as CycloneDX 1.6.

  --out DIR   where they are written, instead of dist/package
  --help
`;

/** The package as it would be written. */
export async function pack(): Promise<{ archive: Buffer; sha256: string; bill: string }> {
  const { metafile } = await build();
  const lock = readLock(root);
  const manifest = readManifest(root);
  const packages = bundledPackages(metafile, bundles, lock);
  const archive = zip(contentsOf(root, manifest, packages));
  const sha256 = createHash('sha256').update(archive).digest('hex');
  const bill = billOfMaterials(manifest, packages, directPlaces(lock, packages), sha256);
  return { archive, sha256, bill: `${JSON.stringify(bill, undefined, 2)}\n` };
}

async function main(): Promise<void> {
  const { values } = readArguments(
    () => parseArgs({ options: { out: { type: 'string' }, help: { type: 'boolean' } } }),
    usage,
  );
  const folder = resolve(values.out ?? join(root, 'dist', 'package'));
  const { archive, sha256, bill } = await pack();
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'token-broker.zip'), archive);
  writeFileSync(join(folder, 'sbom.json'), bill);
  console.log(`${shown(join(folder, 'token-broker.zip'))}: ${archive.length} bytes\nSHA-256 ${sha256}`);
  console.log(`${shown(join(folder, 'sbom.json'))}: CycloneDX 1.6`);
}

function shown(path: string): string {
  return relative(process.cwd(), path);
}

// Not awaited: tests, which run as CommonJS, import this file.
if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) void main();
