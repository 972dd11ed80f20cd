import { createBroker } from './broker.ts';
import { createCalls } from './call.ts';
import type { HeaderSet } from './header-set.ts';
import { createHeaderSets } from './header-sets.ts';
import { readOptions, refuse, type BrokerClientOptions } from './options.ts';

/** What a call may say besides its API. */
export type HeadersOptions = {
  /** One of the API's access levels. Default: its first. */
  readonly access?: string | undefined;
  /** Ends the wait of this call. What others wait for too goes on. */
  readonly signal?: AbortSignal | null | undefined;
};

/** What `fetch` takes, and the access level. */
export type CallInit = RequestInit & { readonly access?: string | undefined };

export type BrokerClient = {
  /**
   * The current header set of an API: kept until its `refreshOn`, renewed in the background from then on, never one that has expired.
   *
   * @throws {BrokerError}
   */
  headers(api: string, options?: HeadersOptions): Promise<HeaderSet>;
  /**
   * Calls an API as `fetch` does, with its headers. Where the API answers 401 the broker is told, and the call repeated once.
   *
   * @param path with its query, below the API's base URL.
   * @returns the API's answer, whatever its status; a redirect to another origin is returned, and not followed.
   * @throws {BrokerError} where the broker gives no headers, or the path is refused; what `fetch` throws where the API does not answer.
   */
  fetch(api: string, path: string, init?: CallInit): Promise<Response>;
};

/**
 * Make one, and keep it: it holds the header sets.
 *
 * @throws {BrokerError} `invalid-argument`
 */
export function createBrokerClient(options: BrokerClientOptions): BrokerClient {
  const settings = readOptions(options);
  const headerSets = createHeaderSets({ ...settings, broker: createBroker(settings) });
  const call = createCalls({ ...settings, headerSets });
  return {
    headers: async (api, { access, signal } = {}) => headerSets.current(pathOf(api, access), signal),
    fetch: async (api, path, { access, ...init } = {}) => call(pathOf(api, access), path, init),
  };
}

/** One text for each API and access level, in which neither can be taken for the other. */
function pathOf(api: string, access: string | undefined): string {
  if (typeof api !== 'string' || !/^[a-z][a-z\d-]{0,62}$/.test(api)) {
    refuse('An API’s name is a lower-case letter, then up to 62 lower-case letters, digits and hyphens.');
  }
  return `/v1/headers/${api}${access === undefined ? '' : `?access=${encodeURIComponent(access)}`}`;
}
