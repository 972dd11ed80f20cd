import { systemClock, type Clock } from './clock.ts';
import { BrokerError } from './error.ts';

/** Gives the caller's own Entra token for the broker. Whatever has `getToken` will do; `@azure/identity` fits. */
export type BrokerCredential = {
  getToken(scope: string, options?: { readonly abortSignal?: AbortSignal }): Promise<{ readonly token: string } | null>;
};

/** `fetch`, as far as the client calls it. */
export type Fetch = (url: string, init?: RequestInit) => Promise<Response>;

/** What `createBrokerClient` takes. */
export type BrokerClientOptions = {
  /** Where the broker is, such as `https://my-broker.azurewebsites.net`. Plain HTTP is for this machine alone. */
  readonly brokerUrl: string;
  readonly credential: BrokerCredential;
  /** What the token is asked for. Default: `api://token-broker/.default`. */
  readonly scope?: string;
  /** How long one question to the broker may take in all, in milliseconds. Default: 30,000. */
  readonly timeoutMs?: number;
  /** How long a call waits in all for a broker that says to come back later, in milliseconds. Default: 10,000; 0 waits for none. */
  readonly waitMs?: number;
  /** What sends requests, to the broker and to APIs. Default: `globalThis.fetch`. */
  readonly fetch?: Fetch;
  /** For tests. */
  readonly clock?: Clock;
};

export type Settings = Required<BrokerClientOptions>;

/** In milliseconds, almost 25 days. A timer takes whatever is longer for no time at all. */
const longestMs = 2 ** 31 - 1;

/** @throws {BrokerError} `invalid-argument` */
export function readOptions(options: BrokerClientOptions): Settings {
  const { brokerUrl, credential, scope = 'api://token-broker/.default', timeoutMs = 30_000, waitMs = 10_000 } = options;
  if (typeof credential?.getToken !== 'function') refuse('credential needs getToken(scope), as in @azure/identity.');
  if (typeof scope !== 'string' || scope === '') refuse('scope is a text, such as api://token-broker/.default.');
  if (!(timeoutMs > 0 && timeoutMs <= longestMs))
    refuse('timeoutMs is a number of milliseconds above 0, below 2 ** 31.');
  if (!(waitMs >= 0 && waitMs <= longestMs)) refuse('waitMs is a number of milliseconds from 0, below 2 ** 31.');
  return {
    brokerUrl: readUrl(brokerUrl),
    credential,
    scope,
    timeoutMs,
    waitMs,
    // Called as it is when a request is sent, so that what instruments or replaces it later is used.
    fetch: options.fetch ?? ((url, init) => fetch(url, init)),
    clock: options.clock ?? systemClock,
  };
}

/** Without a slash at its end. */
function readUrl(text: string): string {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return refuse('brokerUrl is a URL, such as https://my-broker.azurewebsites.net.');
  }
  const { protocol, hostname, username, password, search, hash } = url;
  if (!/^https?:$/.test(protocol) || username || password || search || hash) {
    return refuse(
      'brokerUrl is a URL with neither user, query nor fragment, such as https://my-broker.azurewebsites.net.',
    );
  }
  if (protocol === 'http:' && !/^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname)) {
    return refuse('brokerUrl needs https://: a token goes to no other machine without it.');
  }
  return url.href.replace(/\/+$/, '');
}

/** @throws {BrokerError} `invalid-argument` */
export function refuse(message: string): never {
  throw new BrokerError('invalid-argument', message);
}
