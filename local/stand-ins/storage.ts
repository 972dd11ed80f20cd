import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Agent, request as sendRequest } from 'node:https';
import { buffer as readBuffer } from 'node:stream/consumers';
import type { Entra } from './entra/entra.ts';
import type { StandInRequest, StandInResponse } from './server.ts';

/** What `createStorage` takes: where the service is, the authority of its certificate (PEM), and who may use it or read it, by object id. */
export type StorageOptions = {
  service: 'table' | 'blob';
  port: number;
  caPem: string;
  verify: Entra['verify'];
  contributors: readonly string[];
  readers?: readonly string[];
};

/** A service as its clients see it. */
export type Storage = {
  handle(request: StandInRequest): Promise<StandInResponse>;
  /** Lets go of the connections to the service. */
  close(): void;
};

/** The account that Azurite has; it is the first segment of every path. */
export const storageAccount = 'devstoreaccount1';

const audiences = ['https://storage.azure.com', 'https://storage.azure.com/'];
const connectionHeaders = new Set(['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'expect']);

/**
 * Passes requests on to a service of Azurite's, so that faults and counts apply to them. Azurite reads a bearer token's claims without checking
 * its signature; that is done here first.
 */
export function createStorage({ service, port, caPem, verify, contributors, readers = [] }: StorageOptions): Storage {
  const agent = new Agent({ ca: caPem, keepAlive: true });
  const mayDo = (method: string, objectId: unknown) =>
    [...contributors, ...(method === 'GET' ? readers : [])].some((each) => each === objectId);
  const refuse = (status: 401 | 403, code: string, message: string) => ({
    ...refusalOf(status, code),
    body: service === 'blob' ? toXml(code, message) : toOdata(code, message),
  });
  return {
    handle: async (request) => {
      const token = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
      if (token === undefined) return refuse(401, 'NoAuthenticationInformation', 'A bearer token is needed.');
      const verdict = await verify(token, audiences);
      if (!verdict.ok) return refuse(403, 'AuthenticationFailed', 'Server failed to authenticate the request.');
      return mayDo(request.method, verdict.claims['oid'])
        ? passOn(request, agent, port)
        : refuse(403, 'AuthorizationPermissionMismatch', 'This request is not authorized to perform this operation.');
    },
    close: () => agent.destroy(),
  };
}

async function passOn(request: StandInRequest, agent: Agent, port: number): Promise<StandInResponse> {
  const incoming = await exchange(request, agent, port);
  return {
    status: incoming.statusCode ?? 502,
    headers: passable(incoming.headers),
    body: await readBuffer(incoming),
  };
}

function exchange(
  { method, url, headers, body }: StandInRequest,
  agent: Agent,
  port: number,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const sent = { ...passable(headers), 'content-length': body.length };
    sendRequest({ host: '127.0.0.1', port, agent, method, path: url.pathname + url.search, headers: sent })
      .once('response', resolve)
      .once('error', reject)
      .end(body);
  });
}

/** Headers that are not about one connection alone. */
function passable(headers: NodeJS.Dict<string | string[]>): Record<string, string> {
  const entries = Object.entries(headers).filter(
    ([name, value]) => value !== undefined && !connectionHeaders.has(name),
  );
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]));
}

function refusalOf(status: 401 | 403, code: string): StandInResponse {
  return {
    status,
    headers: {
      'x-ms-error-code': code,
      'x-ms-request-id': randomUUID(),
      ...(status === 401 && { 'WWW-Authenticate': 'Bearer resource_id=https://storage.azure.com' }),
    },
  };
}

function toOdata(code: string, message: string): object {
  return { 'odata.error': { code, message: { lang: 'en-US', value: message } } };
}

function toXml(code: string, message: string): string {
  return `<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`;
}
