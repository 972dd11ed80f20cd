import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cleanup } from './cleanup.ts';

/** Makes a directory for one run, which nothing of is left when the run ends. */
export async function createDirectory(cleanup: Cleanup): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'token-broker-'));
  const options = { recursive: true, force: true };
  cleanup.add(
    () => rm(directory, options),
    () => rmSync(directory, options),
  );
  return directory;
}
