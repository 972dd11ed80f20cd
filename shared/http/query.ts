import { BrokerError } from '../errors.ts';

const none: ReadonlyMap<string, string> = new Map();

/**
 * Reads the query parameters of a request, of which each may stand once.
 *
 * It reads the URL: the host's own mapping keeps one of several values.
 *
 * @throws {BrokerError} `invalid-request` for a parameter that is not `allowed`, or stands twice.
 */
export function readQuery(url: string, allowed: readonly string[]): ReadonlyMap<string, string> {
  const start = url.indexOf('?');
  if (start < 0) return none;
  const read = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(url.slice(start))) {
    if (!allowed.includes(name)) throw new BrokerError('query-unknown');
    if (read.has(name)) throw new BrokerError('query-repeated');
    read.set(name, value);
  }
  return read;
}
