import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, readdirSync, symlinkSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

export const root = join(import.meta.dirname, '../../..');
const run = promisify(execFile);

export type Packed = { archive: Buffer; bill: string; printed: string };

/** `npm run package -- --out DIR` in a project's folder, under a umask and with other environment. */
export async function packIn(
  folder: string,
  out: string,
  { umask = '022', environment = {} }: { umask?: string; environment?: Record<string, string> } = {},
): Promise<Packed> {
  const { PATH = '' } = process.env;
  const command = `umask ${umask}; exec "$0" scripts/package.ts --out "$1"`;
  const env = { PATH, ...environment };
  const { stdout } = await run('sh', ['-c', command, process.execPath, out], { cwd: folder, env });
  const read = (name: string) => readFileSync(join(out, name));
  return { archive: read('token-broker.zip'), bill: read('sbom.json').toString('utf8'), printed: stdout };
}

/** Not part of the source, or large. */
const left = new Set(['node_modules', 'dist', '.git', '.stryker-tmp', 'reports', 'coverage', 'local.settings.json']);

/** The project in another folder, written at another time. */
export function copyProject(to: string): void {
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(root)) {
    if (!left.has(name)) cpSync(join(root, name), join(to, name), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(to, 'node_modules'));
  const then = new Date('2001-02-03T04:05:06Z');
  for (const name of readdirSync(to, { recursive: true, encoding: 'utf8' })) {
    if (!name.startsWith('node_modules')) utimesSync(join(to, name), then, then);
  }
}
