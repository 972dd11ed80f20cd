import { isNativeError } from 'node:util/types';

/** What Node.js calls an error, such as `ENOENT`; never its text, which may quote what was read. */
export function codeOf(error: unknown): string {
  return isNativeError(error) && 'code' in error ? String(error.code) : 'unknown error';
}
