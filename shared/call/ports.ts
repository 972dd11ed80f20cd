import type { Secret } from '../secret.ts';

/** Headers in the order in which they stand, by names in lower case. */
export type HeaderList = readonly (readonly [name: string, value: string])[];

/** One call of an API: everything of it is decided. */
export type ApiCall = {
  readonly url: URL;
  readonly method: string;
  readonly headers: HeaderList;
  /** Added to the headers, and never passed back. */
  readonly credentials: readonly { readonly name: string; readonly value: Secret }[];
  readonly body: Uint8Array;
};

export type ApiAnswer = { readonly status: number; readonly headers: HeaderList; readonly body: Uint8Array };

/**
 * Makes one call and follows no redirect. Of the answer it leaves out each header that carries one of the credentials.
 *
 * @throws {BrokerError} `api-unavailable`, or `api-answer-…` for an answer that is not passed on; the signal's reason once it is aborted.
 */
export type CallApi = (call: ApiCall, signal: AbortSignal) => Promise<ApiAnswer>;
