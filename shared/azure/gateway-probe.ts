import type { Clock } from '../clock.ts';
import { withDeadline } from '../deadline.ts';
import { addressAt } from '../gateway-address.ts';
import type { KeyProbe, ProbeVerdict } from '../rotation/ports.ts';
import type { Secret } from '../secret.ts';
import { traceHeaders } from '../trace-context.ts';
import { readText } from './read-text.ts';

type Options = {
  /** An operation that a key alone decides on. Its path is asked for at each gateway; its host does not matter. */
  url: string;
  /** The origins of all gateways. */
  gateways: readonly string[];
  /** When an answer is given up, in milliseconds. */
  upstreamTimeoutMs: number;
};

/**
 * Tries a key at every gateway at once: a `GET` with the key and without a bearer token. The verdicts are in the order of the gateways.
 *
 * The requirement's error messages tell what was decided on: API Management checks the key before the quota, the token and the backend, so that any
 * other answer of a gateway means that it took the key. What may be no answer of a gateway that has looked at the key is `unknown`.
 */
export function createGatewayProbe(clock: Clock, { url, gateways, upstreamTimeoutMs }: Options): KeyProbe {
  const addresses = gateways.map((gateway) => addressAt(gateway, url));

  const tryAt = async (address: string, key: Secret, signal: AbortSignal): Promise<ProbeVerdict> => {
    const headers = { ...traceHeaders(), 'Ocp-Apim-Subscription-Key': key.open() };
    const exchange = async (limit: AbortSignal) =>
      // A redirect would take the key along.
      judge(await fetch(address, { headers, redirect: 'error', signal: AbortSignal.any([signal, limit]) }));
    return withDeadline(clock, upstreamTimeoutMs, 'deadline', exchange).catch(() => 'unknown' as const);
  };

  return {
    gateways: addresses.length,
    try: (key, signal) => Promise.all(addresses.map((address) => tryAt(address, key, signal))),
  };
}

/**
 * They tell nothing of the key. A gateway answers 404 for a path without an operation before it looks at the key: a probe at a wrong path must not
 * pass for one that was accepted. 408, and anything from 500, is also what a proxy says in place of a gateway that is down.
 */
const silent = new Set([404, 408]);

async function judge(response: Response): Promise<ProbeVerdict> {
  const { status } = response;
  if (status === 401) return judgeUnauthorized(await readText(response));
  // Nobody reads the rest.
  response.body?.cancel().catch(() => {});
  if (status === 403) return 'forbidden';
  return (status >= 300 && status < 400) || status >= 500 || silent.has(status) ? 'unknown' : 'accepted';
}

/** A 401 in other words may be about the key or about the token. */
function judgeUnauthorized(text: string): ProbeVerdict {
  if (/(invalid|missing) subscription key/i.test(text)) return 'refused';
  return /access token is missing or invalid/i.test(text) ? 'accepted' : 'unknown';
}
