import { isNativeError } from 'node:util/types';
import type { Named } from './names.ts';

/** What an upstream, or the network, calls an error. Holds no text from outside but a code. */
export type UpstreamError = Named<'upstream-error'> | number;

const code = /^[A-Z][A-Z0-9_]{2,47}$/;

/** The code of a network error (`ENOTFOUND`, `CERT_HAS_EXPIRED`), of it or of what caused it, up to three deep. */
export function networkErrorOf(error: unknown): UpstreamError | undefined {
  let at = error;
  for (let depth = 0; depth < 3 && isNativeError(at); depth += 1) {
    if ('code' in at && typeof at.code === 'string' && code.test(at.code)) return at.code as Named<'upstream-error'>;
    at = at.cause;
  }
  return undefined;
}
