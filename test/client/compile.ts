import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');

/** Runs the compiler over a folder. Resolves with its exit code and what it printed. */
export async function compile(folder: string, compilerOptions: object): Promise<{ code: unknown; text: string }> {
  const typeRoots = [join(root, 'node_modules/@types')];
  const options = { strict: true, noEmit: true, typeRoots, ...compilerOptions };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: options }));
  return run(join(root, 'node_modules/typescript/bin/tsc'), '-p', folder);
}

/** Runs a script. */
export async function run(...args: string[]): Promise<{ code: unknown; text: string }> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const [code] = await once(child, 'close');
  return { code, text };
}
