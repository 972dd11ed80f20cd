/**
 * Checked by the compiler alone: what the client takes and gives, beside `@azure/identity`, the broker’s contract and the broker’s codes. Each
 * `@ts-expect-error` is an assertion; without the error that it expects, `tsc` fails.
 */
import { DefaultAzureCredential, type TokenCredential } from '@azure/identity';
import type * as z from 'zod/mini';
import { createBrokerClient, type BrokerErrorCode, type BrokerClient, type HeaderSet } from '../../client/main.ts';
import type { Code } from '../../shared/errors.ts';
import type { headersAnswer, rejectionAnswer } from '../../shared/http/contract/headers.ts';

declare const client: BrokerClient;
declare const anyOfAzure: TokenCredential;
declare const set: HeaderSet;
declare const code: Code;
declare const given: z.infer<typeof headersAnswer>;
declare const givenInstead: z.infer<typeof rejectionAnswer>;
declare const clientCode: Exclude<
  BrokerErrorCode,
  'invalid-argument' | 'path-refused' | 'no-token' | 'unreachable' | 'timeout' | 'unexpected-answer'
>;

const brokerUrl = 'https://broker.test';

export const clients: BrokerClient[] = [
  createBrokerClient({ brokerUrl, credential: new DefaultAzureCredential() }),
  createBrokerClient({ brokerUrl, credential: anyOfAzure, scope: 'a', timeoutMs: 1, waitMs: 1, fetch }),
  createBrokerClient({ brokerUrl, credential: { getToken: (scope: string) => Promise.resolve({ token: scope }) } }),
  // @ts-expect-error A token is no credential: it ends.
  createBrokerClient({ brokerUrl, credential: 'token' }),
  // @ts-expect-error A credential gives its token later.
  createBrokerClient({ brokerUrl, credential: { getToken: () => ({ token: '' }) } }),
  // @ts-expect-error The broker must be named.
  createBrokerClient({ credential: anyOfAzure }),
  // @ts-expect-error An option that there is not.
  createBrokerClient({ brokerUrl, credential: anyOfAzure, retries: 3 }),
];

/** What the broker answers is what the client gives. */
export const sets: HeaderSet[] = [given, givenInstead];
/** The client knows every code of the broker's, and no other. */
export const codes: [BrokerErrorCode, Code] = [code, clientCode];

export const calls: Promise<Response>[] = [
  client.fetch('core', '/'),
  client.fetch('core', '/', { method: 'POST', body: 'text', access: 'post', signal: null }),
  // @ts-expect-error A path is a text.
  client.fetch('core', new URL(brokerUrl)),
  // @ts-expect-error There is no such option.
  client.fetch('core', '/', { retries: 3 }),
];

// @ts-expect-error A set is shared: nobody changes it.
set.headers['a'] = 'b';
// @ts-expect-error
set.id = 'hs_';
