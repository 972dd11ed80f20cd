/** Which part of a header set an API's 401 is about, as far as its words tell. */
export type Blame = 'key' | 'token' | 'unknown';

/**
 * Reads the 401 messages that the requirement documents: API Management's of the subscription key, and the one of its token policy. Whatever
 * else an API writes is `unknown`. A text that names both is too: nothing is dropped on a guess.
 */
export function blame(body: string): Blame {
  const isOfKey = /(invalid|missing) subscription key/i.test(body);
  const isOfToken = /access token is missing or invalid/i.test(body);
  if (isOfKey === isOfToken) return 'unknown';
  return isOfKey ? 'key' : 'token';
}

const fingerprintLength = 12;

/** The fingerprints that a header set's id carries. */
export function readId(id: string): { readonly key: string; readonly token: string } {
  const fingerprints = id.slice('hs_'.length);
  return { key: fingerprints.slice(0, fingerprintLength), token: fingerprints.slice(fingerprintLength) };
}
