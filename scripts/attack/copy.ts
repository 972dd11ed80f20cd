import { cp, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Cleanup } from '../../local/stack/cleanup.ts';
import type { Sabotage } from './sabotages.ts';

const root = join(import.meta.dirname, '../..');
/** Nothing that is built, fetched or reported. */
const leftOut = new Set(['node_modules', '.git', 'dist', 'coverage', 'reports', '.stryker-tmp']);

/** A copy of this repository's sources in a temporary folder, with the same packages; gone when it is cleaned up. */
export async function copyRepository(cleanup: Cleanup): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'broker-sabotage-'));
  cleanup.add(() => rm(folder, { recursive: true, force: true }));
  await cp(root, folder, { recursive: true, filter: (path) => !leftOut.has(basename(path)) });
  await symlink(await realpath(join(root, 'node_modules')), join(folder, 'node_modules'));
  return folder;
}

/** The file with the defence taken away. @throws where its text does not stand there once: then nothing would be proved. */
export function breakDefence(text: string, { defence, file, from, to }: Sabotage): string {
  const times = text.split(from).length - 1;
  if (times !== 1) {
    throw new Error(
      `Cannot take away “${defence}”: its text stands ${times} times in ${file}. Correct it in scripts/attack/sabotages.ts. It is: ${from}`,
    );
  }
  return text.replace(from, () => to);
}

/** Takes a defence away in a copy, does something there, and puts it back. */
export async function withoutDefence<T>(folder: string, sabotage: Sabotage, then: () => Promise<T>): Promise<T> {
  const path = join(folder, sabotage.file);
  const whole = await readFile(path, 'utf8');
  await writeFile(path, breakDefence(whole, sabotage));
  try {
    return await then();
  } finally {
    await writeFile(path, whole);
  }
}
