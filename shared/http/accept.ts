import type { HttpRequest } from '@azure/functions';

/** In characters; browsers send some 100. To read a list takes time that grows with the square of its length, of everybody on the instance. */
const longestAccept = 1_024;

/** What a client says that it takes. `null` where it does not say, or goes on and on about it: RFC 9110, section 12.4.1 lets us answer as we like. */
export function readAccept({ headers }: HttpRequest): string | null {
  const accept = headers.get('accept');
  return accept === null || accept.length > longestAccept ? null : accept;
}
