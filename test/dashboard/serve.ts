import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { HttpRequest, InvocationContext } from '@azure/functions';
import { systemClock } from '../../shared/clock.ts';
import { BrokerError, type Reason } from '../../shared/errors.ts';
import { createDashboardAssetRoute, createDashboardRoute } from '../../shared/http/dashboard.ts';
import { serve, type HttpHandler } from '../../shared/http/serve.ts';
import type { Guid } from '../../shared/names.ts';
import type { StatusAnswer } from '../../shared/http/contract/status.ts';
import { sampleHistory, sampleStatus, sampleSteering } from './sample.ts';

/** A request that steers. */
type Steered = { path: string; key: string | undefined; contentType: string | undefined; body: unknown };
type Reply = { status: number; body: object; headers?: Record<string, string> };

/** What the pretended broker answers; a test changes it as it goes. */
export type Broker = {
  readonly url: string;
  status: () => StatusAnswer | Reply;
  history: (subscription: string) => object[];
  steering: (request: Steered) => Reply | Promise<Reply>;
  /** Why the page itself is refused. */
  refusal: Reason | undefined;
  isSignInOn: boolean;
  readonly steered: Steered[];
  readonly asked: string[];
  close(): Promise<void>;
};

const options = { clock: systemClock, requestTimeoutMs: 5_000 };
const getOrHead = ['GET', 'HEAD'];

/** The real page and its files, in front of answers that a test states. */
export async function serveDashboard(): Promise<Broker> {
  const server = createServer((request, response) => void answer(broker, request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const broker: Broker = {
    url: `http://127.0.0.1:${port}`,
    status: () => sampleStatus(),
    history: () => sampleHistory(),
    steering: ({ path }) => ({ status: 200, body: sampleSteering(path.split('/').at(-1) as 'pause') }),
    refusal: undefined,
    isSignInOn: true,
    steered: [],
    asked: [],
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return broker;
}

async function answer(broker: Broker, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = request.url ?? '/';
  broker.asked.push(`${request.method} ${path}`);
  const [, asset] = /^\/dashboard\/([^/?]+)$/.exec(path) ?? [];
  if (path === '/dashboard') return pass(pageHandler(broker), request, response);
  if (asset !== undefined)
    return pass(serve(options, getOrHead, createDashboardAssetRoute()), request, response, { asset });
  const { status, body, headers = {} } = await api(broker, path, request);
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

function pageHandler(broker: Broker): HttpHandler {
  const authenticate = async () => {
    if (broker.refusal) throw new BrokerError(broker.refusal);
    return { objectId: '033e5408-6f75-40c0-a6a1-e15b0cd2f852' as Guid, clientId: undefined, mayWrite: true };
  };
  return serve(options, getOrHead, createDashboardRoute({ authenticate }, { isSignInOn: broker.isSignInOn }));
}

async function pass(
  handler: HttpHandler,
  { method = 'GET', url }: IncomingMessage,
  response: ServerResponse,
  params = {},
) {
  const context = new InvocationContext({
    invocationId: randomUUID(),
    functionName: 'dashboard',
    logHandler: () => {},
  });
  const { status, headers, body } = await handler(
    new HttpRequest({ method, url: `http://broker.test${url}`, params }),
    context,
  );
  response.writeHead(status ?? 200, headers as Record<string, string>).end(body);
}

async function api(broker: Broker, path: string, request: IncomingMessage): Promise<Reply> {
  const [, subscription = '', command] = /^\/v1\/rotations\/([^/]+)(?:\/(\w+))?$/.exec(path) ?? [];
  if (path === '/v1/status') return toReply(broker.status());
  if (command !== undefined) {
    const steered = {
      path,
      key: one(request, 'idempotency-key'),
      contentType: one(request, 'content-type'),
      body: await readJson(request),
    };
    broker.steered.push(steered);
    return broker.steering(steered);
  }
  if (subscription !== '') {
    const known = broker.status();
    const rotation =
      'subscriptions' in known ? known.subscriptions.find(({ name }) => name === subscription)?.rotation : null;
    return toReply({ subscription, rotation, problem: null, history: broker.history(subscription) });
  }
  return { status: 404, body: { title: 'No such route', code: 'not-found' } };
}

function toReply(answered: object): Reply {
  return 'status' in answered && 'body' in answered ? (answered as Reply) : { status: 200, body: answered };
}

function one({ headers }: IncomingMessage, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return JSON.parse(text);
}
