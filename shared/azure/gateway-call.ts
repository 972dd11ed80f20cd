import type { GatewayAnswer, GatewayCall, Matter } from '../doctor/ports.ts';
import { BrokerError } from '../errors.ts';
import { networkErrorOf } from '../upstream-error.ts';
import { readText } from './read-text.ts';

/** Calls an API behind API Management as its callers do. A redirect is not followed: it would take the credentials along. */
export const callGateway: GatewayCall = async (url, { key, token }, signal) => {
  const headers = {
    ...(key && { 'Ocp-Apim-Subscription-Key': key.open() }),
    ...(token && { Authorization: `Bearer ${token.open()}` }),
  };
  const answering = fetch(url, { headers, redirect: 'manual', signal });
  return answering.then(toAnswer).catch((error: unknown) => {
    throw new BrokerError('deadline', { upstream: networkErrorOf(error) });
  });
};

async function toAnswer(response: Response): Promise<GatewayAnswer> {
  const { status } = response;
  if (status === 401 || status === 403) return { status, about: matterOf(await readText(response)) };
  // Nobody reads the rest.
  response.body?.cancel().catch(() => {});
  return { status, about: undefined };
}

/**
 * The messages of API Management and of the API owner's page, in the order in which one may hold the words of another. Those of a suspended
 * subscription and of a wrong product are documented nowhere: `suspend` and `product` stand in whatever is said of them.
 */
const matters: readonly (readonly [Matter, RegExp])[] = [
  ['key-missing', /missing subscription key/i],
  ['key-invalid', /invalid subscription key/i],
  ['token', /access token is missing or invalid|invalid (jwt|token)|token (is )?(missing|expired)/i],
  ['quota', /quota|rate limit/i],
  ['suspended', /suspend/i],
  ['product', /\bproduct/i],
];

function matterOf(text: string): Matter | undefined {
  return matters.find(([, words]) => words.test(text))?.[0];
}
