import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundles } from '../bundle-options.ts';
import type { Bundled } from './bundled.ts';
import type { Product } from './bill-of-materials.ts';
import { thirdPartyLicences } from './licences.ts';
import type { ZipEntry } from './zip.ts';

/** What the Functions host reads of package.json, and who wrote the rest. There are no dependencies: they are in the bundles. */
type Manifest = Product & {
  readonly private: boolean;
  readonly type: string;
  readonly main: string;
  readonly engines: Readonly<Record<string, string>>;
};

export function readManifest(root: string): Manifest {
  const read = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;
  const { name, version, description, license, type, main, engines } = read;
  return { name, version, description, private: read.private, license, type, main, engines };
}

/**
 * What is deployed, and nothing else. The configuration is not: it is in a blob or beside the app, and differs where the package does not. The source map
 * is not: Node.js would not read it, and it is five times what it maps; the same commit builds the same one.
 */
export function contentsOf(root: string, manifest: Manifest, packages: readonly Bundled[]): ZipEntry[] {
  const copied = (name: string): ZipEntry => ({ name, bytes: readFileSync(join(root, name)) });
  const written = (name: string, text: string): ZipEntry => ({ name, bytes: Buffer.from(text) });
  return [
    copied('host.json'),
    copied('LICENSE'),
    written('THIRD-PARTY-LICENSES.txt', thirdPartyLicences(packages, root)),
    written('package.json', `${JSON.stringify(manifest, undefined, 2)}\n`),
    ...bundles.map((name) => written(name, withoutSourceMap(readFileSync(join(root, name), 'utf8')))),
  ];
}

function withoutSourceMap(code: string): string {
  return code.replace(/\n\/\/# sourceMappingURL=[^\n]*\n?$/, '\n');
}
