import type { Cleanup } from '../../local/stack/cleanup.ts';
import { createStack } from '../../local/stack/stack.ts';
import { prepareApp } from '../audit-app.ts';
import { runLoad, toRequest, type Load } from '../load.ts';
import { startHostProcess, type HostProcess } from './host-process.ts';
import { prepareLeastApp, prepareTrivialApp } from './trivial-app.ts';

/** An app in its host, and the load that it is under. */
export type Served = HostProcess & { load(ms: number): Promise<Load> };

const connections = 64;
const [callers, apis] = [20, 20];
/** Until the compilers are done with what each request runs. */
const warmUpMs = 10_000;

/** The broker in the local host, on a stack, warm; its trail is in the log. 20 callers ask for 20 APIs, each of which takes a token. */
export async function serveBroker(cleanup: Cleanup) {
  const stack = await createStack({ ports: { control: 0, gateways: [0] }, storage: false });
  cleanup.add(() => stack.close());
  const { root, settings, tokens, names } = await prepareApp(stack, 'log', callers, apis);
  const host = await startHostProcess({ root, settings }, cleanup);
  const broker = toServed(host, names, tokens);
  const sample = await fetch(`${host.url}/v1/headers/${names[0]}`, {
    headers: { Authorization: `Bearer ${tokens[0]}` },
  });
  const bodyBytes = (await sample.arrayBuffer()).byteLength;
  await broker.load(warmUpMs);
  return { broker, stack, names, tokens, bodyBytes };
}

type Setting = Omit<Awaited<ReturnType<typeof serveBroker>>, 'broker'>;

/** A function that does nothing, in the same host, under the same load, with an answer of the same size. */
export const serveTrivial = (setting: Setting, cleanup: Cleanup): Promise<Served> =>
  serveFunction(prepareTrivialApp, setting, cleanup);

/** One that does what the contract asks of any broker, and nothing else. */
export const serveLeast = (setting: Setting, cleanup: Cleanup): Promise<Served> =>
  serveFunction(prepareLeastApp, setting, cleanup);

async function serveFunction(
  prepare: typeof prepareTrivialApp,
  { stack, names, tokens, bodyBytes }: Setting,
  cleanup: Cleanup,
): Promise<Served> {
  const root = await prepare(stack.directory, bodyBytes);
  const served = toServed(await startHostProcess({ root, settings: {} }, cleanup), names, tokens);
  await served.load(warmUpMs);
  return served;
}

function toServed(host: HostProcess, names: readonly string[], tokens: readonly string[]): Served {
  const requests = tokens.flatMap((token) => names.map((name) => toRequest(host.url, `/v1/headers/${name}`, token)));
  return { ...host, load: (ms) => runLoad({ url: host.url, requests, connections, ms }) };
}
