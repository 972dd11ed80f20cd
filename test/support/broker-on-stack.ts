import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import tls from 'node:tls';
import { HttpRequest, InvocationContext, type HttpResponseInit } from '@azure/functions';
import { createStack, type Stack } from '../../local/stack/stack.ts';
import { createBroker, type Broker } from '../../shared/broker.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Config } from '../../shared/config/config.ts';
import { loadConfig, loadStart } from '../../shared/config/load.ts';
import type { Settings } from '../../shared/config/settings.ts';
import { createMetrics } from '../../shared/telemetry/metrics.ts';
import { createManualClock, type ManualClock } from './manual-clock.ts';
import { createMeasuring, type Read } from './metrics-reader.ts';

/** What a broker answered, as its caller sees it. */
export type Reply = {
  status: number;
  headers: Record<string, string>;
  text: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- a JSON answer, of which each test looks at what it is about
  json: any;
};

export type RequestCount = { target: string; method: string; path: string; status: number; count: number };
type Ask = {
  token?: string | undefined;
  method?: string;
  headers?: Record<string, string>;
  body?: string;
  traceParent?: string;
};

export type BrokerOnStack = {
  readonly clock: ManualClock;
  readonly stack: Stack;
  readonly broker: Broker;
  /** Asks `/v1/headers/{api}` with whatever query it is given. */
  headers(api: string, ask?: Ask): Promise<Reply>;
  ask(handler: Exclude<keyof Broker, 'warmUp' | 'rotate'>, path: string, ask?: Ask): Promise<Reply>;
  /** A caller's token, good or spoilt as `POST /token` takes it. */
  token(caller: string, spec?: object): Promise<string>;
  /** One tick of the rotation timer. */
  tick(traceParent?: string): Promise<void>;
  /** The control address. */
  steer(path: string, method?: string, body?: object): Promise<unknown>;
  counts(): Promise<RequestCount[]>;
  /** What was logged and audited, parsed. */
  readonly lines: { event: string; [field: string]: unknown }[];
  /** What OpenTelemetry has measured of all of its workers. */
  metrics(): Promise<Read>;
  /**
   * A new worker on the same stack, with nothing cached. The one before goes on being what it was to whoever holds it, but where the
   * configuration is in a blob: there it ends, and the configuration is not changed.
   */
  restart(change?: (config: Config) => Config, settings?: Partial<Settings>): Broker;
  close(): Promise<void>;
};

/**
 * The whole app against the whole stack, over real sockets, with one simulated clock for both. Storage is a process of its own, and takes most
 * of the start: it is there when asked for.
 */
export async function startBrokerOnStack({ storage = false, configBlob = false } = {}): Promise<BrokerOnStack> {
  const clock = createManualClock({ wall: Date.now() });
  const stack = await createStack({ ports: { control: 0, gateways: [0, 0] }, storage, configBlob, clock });
  const authorities = tls.getCACertificates('default');
  tls.setDefaultCACertificates([...authorities, readFileSync(stack.settings['NODE_EXTRA_CA_CERTS'] ?? '', 'utf8')]);
  const restoreEnvironment = setEnvironment(stack.settings, ['IDENTITY_ENDPOINT', 'IDENTITY_HEADER']);

  const lines: BrokerOnStack['lines'] = [];
  const write = (line: string) => {
    lines.push(JSON.parse(line));
    keep(line);
  };
  const sink = { info: write, warn: write, error: write };
  const { control } = stack.ready();
  const loaded = loadConfig({ ...stack.settings, BROKER_CONFIG: stack.configFile });
  const { config } = loaded;
  const { meter, read } = createMeasuring();
  const metrics = createMetrics(clock, meter);
  /** A worker alone: each refresh is due on the dot. */
  const inStep = () => 1;
  let endWorker = () => {};
  const createLive = () => {
    endWorker();
    const own = endable(clock, write);
    endWorker = own.end;
    return createBroker(loadStart(stack.settings), { ...own.outside, metrics, random: inStep });
  };
  const createFrom = (changed: Config, own: Partial<Settings>) =>
    createBroker(
      { ...loaded, settings: { ...loaded.settings, ...own }, config: changed },
      { clock, sink, metrics, random: inStep },
    );
  const create = (changed: Config, own: Partial<Settings> = {}) =>
    configBlob ? createLive() : createFrom(changed, own);
  let broker = create(config);
  let invocations = 0;

  const contextOf = (functionName: string, traceParent?: string) => {
    const invocationId = `00000000-0000-4000-8000-${String((invocations += 1)).padStart(12, '0')}`;
    return new InvocationContext({
      invocationId,
      functionName,
      logHandler: (_level, line) => write(String(line)),
      ...(traceParent !== undefined && { traceContext: { traceParent } }),
    });
  };

  const ask: BrokerOnStack['ask'] = async (
    handler,
    path,
    { token, method = 'GET', headers = {}, body, traceParent } = {},
  ) => {
    const url = `http://broker.test/${path}`;
    const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const request = new HttpRequest({
      method,
      url,
      headers: { ...authorization, ...headers },
      params: paramsOf(path),
      ...(body === undefined ? {} : { body: { string: body } }),
    });
    const context = contextOf(handler, traceParent);
    return toReply(await broker[handler](request, context));
  };

  const steer: BrokerOnStack['steer'] = async (path, method = 'GET', body) => {
    const response = await fetch(`${control}${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response.status === 204 ? undefined : response.json();
  };

  return {
    clock,
    stack,
    get broker() {
      return broker;
    },
    lines,
    ask,
    headers: (api, options) => ask('headers', `v1/headers/${api}`, options),
    token: async (caller, spec = {}) => {
      const { token } = (await steer('/token', 'POST', { caller, ...spec })) as { token: string };
      return token;
    },
    tick: (traceParent) => broker.rotate(contextOf('rotation-timer', traceParent)),
    steer,
    counts: async () => (await steer('/requests')) as RequestCount[],
    metrics: read,
    restart: (change = (same) => same, own = {}) => (broker = create(change(config), own)),
    close: async () => {
      await stack.close();
      restoreEnvironment();
      tls.setDefaultCACertificates(authorities);
    },
  };
}

/** What the host reads of a route's braces. */
function paramsOf(path: string): Record<string, string> {
  const api = /^(?:v1\/headers|AuthorizationHeader)\/([^?]*?)(?:\/rejections)?(?:\?|$)/.exec(path)?.[1];
  const [, subscription, command] = /^v1\/rotations\/([^/?]*)(?:\/([^?]*))?/.exec(path) ?? [];
  return {
    ...(api !== undefined && { api }),
    ...(subscription !== undefined && { subscription }),
    ...(command !== undefined && { command }),
  };
}

/** A clock that calls back, and a console that prints, until the worker ends that they belong to. */
function endable(clock: ManualClock, write: (line: string) => void) {
  const cancels = new Set<() => void>();
  let isOver = false;
  const after: Clock['after'] = (delayMs, callback) => {
    if (isOver) return () => {};
    const cancel = clock.after(delayMs, callback);
    cancels.add(cancel);
    return cancel;
  };
  const end = () => {
    isOver = true;
    for (const cancel of cancels) cancel();
  };
  const print = (line: string) => {
    if (!isOver) write(line);
  };
  const ownClock: Clock = { wall: () => clock.wall(), monotonic: () => clock.monotonic(), after };
  return { outside: { clock: ownClock, sink: { info: print, warn: print, error: print } }, end };
}

function toReply({ status = 0, headers = {}, body }: HttpResponseInit): Reply {
  const text = body instanceof Uint8Array ? Buffer.from(body).toString('utf8') : typeof body === 'string' ? body : '';
  const read = { ...(headers as Record<string, string>) };
  return { status, headers: read, text, json: /json/.test(read['Content-Type'] ?? '') ? JSON.parse(text) : undefined };
}

function setEnvironment(values: Readonly<Record<string, string>>, names: string[]): () => void {
  const before = names.map((name) => [name, process.env[name]] as const);
  for (const name of names) process.env[name] = values[name];
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  };
}

/** Keeps a line for the search for canaries that ends the test run. */
function keep(line: string): void {
  const folder = process.env['BROKER_TEST_OUTPUT'];
  if (folder) appendFileSync(join(folder, `worker-${process.pid}.log`), `${line}\n`);
}

/** Waits, without a timer, for what background work will bring about. */
export async function eventually(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setImmediate(resolve));
}
