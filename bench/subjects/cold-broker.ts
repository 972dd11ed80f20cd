import { readFileSync } from 'node:fs';
import tls from 'node:tls';
import { HttpRequest, InvocationContext } from '@azure/functions';
import type { Cleanup } from '../../local/stack/cleanup.ts';
import { createStack } from '../../local/stack/stack.ts';
import { createBroker } from '../../shared/broker.ts';
import { systemClock as clock } from '../../shared/clock.ts';
import { loadConfig } from '../../shared/config/load.ts';

type RequestCount = { target: string; path: string; status: number; count: number };

const ignore = () => {};
const sink = { info: ignore, warn: ignore, error: ignore };
const [caller, api] = ['billing', 'payments'];

/**
 * The whole broker in this process, over the real SDKs and sockets to the stand-ins, whose Entra takes so long for a token.
 *
 * @returns so many hand-outs at once from a broker with nothing cached, and what it asked of Entra and Key Vault.
 */
export async function createColdBroker(cleanup: Cleanup, entraMs: number) {
  const stack = await createStack({ ports: { control: 0, gateways: [0] }, storage: false });
  cleanup.add(() => stack.close());
  const authority = readFileSync(stack.settings['NODE_EXTRA_CA_CERTS'] ?? '', 'utf8');
  tls.setDefaultCACertificates([...tls.getCACertificates('default'), authority]);
  for (const name of ['IDENTITY_ENDPOINT', 'IDENTITY_HEADER']) process.env[name] = stack.settings[name];
  const { config, ...loaded } = loadConfig({ ...stack.settings, BROKER_CONFIG: stack.configFile });
  const rateLimit = { perSecond: 10_000, burst: 10_000 };
  const generous = { ...config, callers: config.callers.map((each) => ({ ...each, rateLimit })) };

  const steer = async (path: string, method = 'GET', body?: object): Promise<unknown> => {
    const headers = { 'Content-Type': 'application/json' };
    const sent = { method, headers, ...(body && { body: JSON.stringify(body) }) };
    return JSON.parse(await (await fetch(`${stack.ready().control}${path}`, sent)).text());
  };
  await steer('/faults', 'POST', { target: 'entra', path: '*/oauth2/v2.0/token', delay: `${entraMs}ms` });
  const { token } = (await steer('/token', 'POST', { caller })) as { token: string };
  const headers = { authorization: `Bearer ${token}` };
  const url = `https://broker.example/v1/headers/${api}`;

  return async (times: number) => {
    const broker = createBroker({ ...loaded, config: generous }, { clock, sink });
    await steer('/requests', 'DELETE');
    // What a host does for each request is none of the broker's work.
    const requests = Array.from({ length: times }, () => ({
      request: new HttpRequest({ method: 'GET', url, headers, params: { api } }),
      context: new InvocationContext({ functionName: 'headers', logHandler: ignore }),
    }));
    const startedAt = performance.now();
    const answers = await Promise.all(requests.map(({ request, context }) => broker.headers(request, context)));
    const wall = performance.now() - startedAt;
    const failed = answers.find(({ status }) => status !== 200);
    if (failed) throw new Error(`A cold hand-out was answered ${failed.status}.`);
    const answered = ((await steer('/requests')) as RequestCount[]).filter(({ status }) => status === 200);
    return {
      wall,
      'token requests': sum(answered.filter(({ target, path }) => target === 'entra' && path.endsWith('/token'))),
      'reads of a secret': Math.max(...answered.filter(({ target }) => target === 'vault').map(({ count }) => count)),
    };
  };
}

function sum(counts: readonly RequestCount[]): number {
  return counts.reduce((all, { count }) => all + count, 0);
}
