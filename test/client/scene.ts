import type { ServerResponse } from 'node:http';
import { createBrokerClient, type BrokerClient, type BrokerClientOptions } from '../../client/main.ts';
import { startApi, type Received, type Server } from '../support/call-host.ts';
import { createManualClock, type ManualClock } from '../support/manual-clock.ts';

type Respond = (request: Received, response: ServerResponse) => void;

/** A client before a broker and an API that each test has answer as it likes, over sockets. */
export type Scene = {
  readonly clock: ManualClock;
  readonly broker: Server & { readonly url: string };
  readonly api: Server & { readonly url: string };
  /** Every scope that the credential was asked for. */
  readonly scopes: string[];
  /** What they answer from now on. */
  onBroker(respond: Respond): void;
  onApi(respond: Respond): void;
  client(options?: Partial<BrokerClientOptions>): BrokerClient;
  close(): Promise<void>;
};

export async function openScene(): Promise<Scene> {
  const clock = createManualClock();
  let [toBroker, toApi]: Respond[] = [];
  const broker = await startApi((request, response) => toBroker?.(request, response));
  const api = await startApi((request, response) => toApi?.(request, response));
  const scopes: string[] = [];
  const urlOf = ({ port }: Server) => `http://127.0.0.1:${port}`;
  const credential = {
    getToken: (scope: string) => {
      scopes.push(scope);
      return Promise.resolve({ token: `token-${scopes.length}` });
    },
  };
  return {
    clock,
    broker: { ...broker, url: urlOf(broker) },
    api: { ...api, url: urlOf(api) },
    scopes,
    onBroker: (respond) => {
      toBroker = respond;
    },
    onApi: (respond) => {
      toApi = respond;
    },
    client: (options = {}) => createBrokerClient({ brokerUrl: urlOf(broker), credential, clock, ...options }),
    close: async () => void (await Promise.all([broker.close(), api.close()])),
  };
}

/** A header set as the broker answers it: refreshed after 150 s, gone after 300 s. */
export function headerSet(n: number, baseUrl = 'https://api.test/core', overrides: object = {}) {
  return {
    id: `hs_${String(n).padStart(16, '0')}`,
    api: 'core',
    baseUrl,
    headers: { 'Ocp-Apim-Subscription-Key': `key-${n}` },
    expiresOn: '2026-11-24T03:05:00.000Z',
    expiresIn: 300,
    refreshOn: '2026-11-24T03:02:30.000Z',
    refreshIn: 150,
    ...overrides,
  };
}

export function sendJson(response: ServerResponse, body: object, status = 200, headers: object = {}): void {
  response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(JSON.stringify(body));
}

/** A problem document of the broker's. */
export function sendProblem(response: ServerResponse, status: number, code: string, headers: object = {}): void {
  const body = { type: '/docs/problems.md', title: 'No', status, detail: 'Not so.', code, requestId: 'a-request' };
  response.writeHead(status, { 'Content-Type': 'application/problem+json', ...headers }).end(JSON.stringify(body));
}
