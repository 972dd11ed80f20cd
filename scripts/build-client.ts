import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build as bundle } from 'esbuild';

const root = join(import.meta.dirname, '..');
const source = join(root, 'client');
/** What `npm publish ./dist/client` publishes: the library, and nothing of the broker. */
const clientPath = join(root, 'dist', 'client');

/** The oldest Node.js that the client is for. */
const clientTarget = 'node18';

/** One implementation for both kinds of module, so that an error is an instance of the same class for both. */
const moduleText = "export { BrokerError, createBrokerClient } from './main.js';\n";
const moduleTypes = "export * from './main.js';\n";

/** Builds the client's package. `main.js` is CommonJS; the package says so, and no more than Node.js must know. */
export async function buildClient(folder = clientPath): Promise<void> {
  await mkdir(folder, { recursive: true });
  await Promise.all([
    bundle({
      absWorkingDir: root,
      entryPoints: ['client/main.ts'],
      outfile: join(folder, 'main.js'),
      bundle: true,
      platform: 'node',
      format: 'cjs',
      target: clientTarget,
      logLevel: 'warning',
    }),
    writeTypes(folder),
    writeFile(join(folder, 'main.mjs'), moduleText),
    writeFile(join(folder, 'main.d.mts'), moduleTypes),
    writeManifest(folder),
    cp(join(root, 'docs/client.md'), join(folder, 'README.md')),
    cp(join(root, 'LICENSE'), join(folder, 'LICENSE')),
  ]);
}

async function writeTypes(folder: string): Promise<void> {
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  const options = ['--noEmit', 'false', '--declaration', '--emitDeclarationOnly', '--outDir', folder];
  const child = spawn(process.execPath, [compiler, '-p', source, ...options], { stdio: ['ignore', 2, 2] });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error('The client’s types cannot be written; what the compiler printed says why.');
  // The compiler leaves the names of the sources, which a package does not have.
  const files = (await readdir(folder)).filter((name) => name.endsWith('.d.ts'));
  await Promise.all(
    files.map(async (name) => {
      const path = join(folder, name);
      const text = await readFile(path, 'utf8');
      await writeFile(path, text.replaceAll(/(from '\.\/[\w-]+)\.ts'/g, "$1.js'"));
    }),
  );
}

type Manifest = { name: string; version: string; license: string };

async function writeManifest(folder: string): Promise<void> {
  const { name, version, license }: Manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const manifest = {
    name,
    version,
    description: 'Calls APIs with the headers that the token broker hands out.',
    license,
    type: 'commonjs',
    engines: { node: '>=18' },
    exports: {
      './client': {
        import: { types: './main.d.mts', default: './main.mjs' },
        require: { types: './main.d.ts', default: './main.js' },
      },
      './package.json': './package.json',
    },
  };
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
}
