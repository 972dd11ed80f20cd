import { lstatSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * A folder in one that many users may share, such as that of temporary files, which nobody but this user may read or write. `undefined` where there
 * can be none: also where somebody else was first, and so may have put something into it.
 *
 * @param uid of this user; `undefined` on Windows, where each has temporary files of their own.
 */
export function privateFolder(parent: string, name: string, uid: number | undefined): string | undefined {
  const folder = join(parent, uid === undefined ? name : `${name}-${uid}`);
  try {
    makeUnlessThere(folder);
    return isPrivate(folder, uid) ? folder : undefined;
  } catch {
    return undefined;
  }
}

function makeUnlessThere(folder: string): void {
  if (lstatSync(folder, { throwIfNoEntry: false }) === undefined) mkdirSync(folder, { mode: 0o700 });
}

function isPrivate(folder: string, uid: number | undefined): boolean {
  const found = lstatSync(folder);
  return found.isDirectory() && (uid === undefined || (found.uid === uid && (found.mode & 0o077) === 0));
}
