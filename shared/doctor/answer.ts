import type { Seen } from './look.ts';
import type { GatewayAnswer } from './ports.ts';

/**
 * What an answer of a gateway comes to. API Management checks path, key, product, quota and token, in this order, before the backend: so any
 * other answer means that the headers were taken.
 */
export type Word =
  /** The headers were taken. */
  | 'accepted'
  /** The key did not arrive. */
  | 'key-missing'
  | 'key-refused'
  | 'forbidden'
  | 'quota'
  /** The token did not arrive, or is not taken. The key is. */
  | 'token-refused'
  /** No operation at this path. */
  | 'not-found'
  /** A 401 in other words. */
  | 'refused'
  /** No answer, or one that may not be the gateway's. */
  | 'silent'
  /** It was not asked. */
  | 'unasked';

export function wordOf(seen: Seen<GatewayAnswer>): Word {
  if (seen.kind === 'skipped') return 'unasked';
  if (seen.kind === 'failed') return 'silent';
  const { status, about } = seen.value;
  switch (status) {
    case 401:
      return wordOfUnauthorized(about);
    case 403:
      return about === 'quota' ? 'quota' : 'forbidden';
    case 404:
      return 'not-found';
    case 429:
      return 'quota';
    default:
      return status === 408 || status >= 500 || (status >= 300 && status < 400) ? 'silent' : 'accepted';
  }
}

function wordOfUnauthorized(about: GatewayAnswer['about']): Word {
  switch (about) {
    case 'key-missing':
      return 'key-missing';
    case 'key-invalid':
      return 'key-refused';
    case 'token':
      return 'token-refused';
    case 'quota':
    case 'suspended':
    case 'product':
    case undefined:
      return 'refused';
  }
}

/** The status, or what the network says. */
export function tellAnswer(seen: Seen<GatewayAnswer>): string {
  if (seen.kind === 'skipped') return seen.because;
  if (seen.kind === 'seen') return `It answered ${seen.value.status}.`;
  const { upstream } = seen.error;
  return upstream === undefined ? 'It did not answer in time.' : `There was no answer: ${upstream}.`;
}
