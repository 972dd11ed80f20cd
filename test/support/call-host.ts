import http from 'node:http';
import net from 'node:net';
import type { AddressInfo } from 'node:net';
import { HttpRequest, InvocationContext } from '@azure/functions';
import { readBody } from '../../local/host/body.ts';
import { joinHeaders, sendEmpty, sendResponse } from '../../local/host/http.ts';
import { createRoutes } from '../../local/host/routes.ts';
import { splitPath, splitTarget } from '../../local/host/target.ts';
import type { HttpHandler } from '../../shared/http/serve.ts';

/** A request as it stood on the wire. */
export type Received = { method: string; path: string; headers: Record<string, string>; body: string };

/** What a server does with a request. */
type Respond = (request: Received, response: http.ServerResponse) => void;

export type Server = { readonly port: number; readonly received: Received[]; close(): Promise<void> };

/** An API, or a host that must never be called: it keeps what it gets. */
export async function startApi(respond: Respond): Promise<Server> {
  const received: Received[] = [];
  const answer = async (message: http.IncomingMessage, response: http.ServerResponse) => {
    const body = String(await readBody(message, undefined));
    const { method = '', url: path = '' } = message;
    const one = { method, path, headers: joinHeaders(message.rawHeaders), body };
    received.push(one);
    respond(one, response);
  };
  const server = http.createServer((message, response) => {
    answer(message, response).catch(() => response.destroy());
  });
  return { received, ...(await listen(server)) };
}

/** The host’s way of a request from a socket to the handler of the call route: its routing, its reading of headers and bodies. */
export async function startCallHost(
  handler: HttpHandler,
  write: (line: string) => void,
): Promise<Omit<Server, 'received'>> {
  const match = createRoutes([{ functionName: 'call', template: 'v1/call/{api}/{*path}', methods, target: 'call' }]);
  const logHandler = (_level: unknown, line: unknown) => write(String(line));
  let invocations = 0;
  const answer = async (message: http.IncomingMessage, response: http.ServerResponse) => {
    const target = splitTarget(message.url ?? '');
    const path = target && splitPath(target.path);
    const found = path && match(message.method ?? '', path);
    if (!target || !found) return sendEmpty(response, 404);
    const headers = joinHeaders(message.rawHeaders);
    const body = await readBody(message, undefined);
    if (typeof body === 'string') return sendEmpty(response, 413);
    const invocationId = `00000000-0000-4000-9000-${String((invocations += 1)).padStart(12, '0')}`;
    const request = new HttpRequest({
      method: message.method ?? '',
      url: `http://${headers['host']}${target.path}${target.search}`,
      headers,
      params: found.params,
      ...(body.length > 0 && { body: { bytes: body } }),
    });
    const given = await handler(request, new InvocationContext({ invocationId, functionName: 'call', logHandler }));
    const bytes = Buffer.from(given.body);
    return sendResponse(response, {
      statusCode: String(given.status),
      headers: { ...given.headers },
      cookies: [],
      body: { bytes },
    });
  };
  return listen(
    http.createServer((message, response) => {
      answer(message, response).catch(() => response.destroy());
    }),
  );
}

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

async function listen(server: http.Server) {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { port: (server.address() as AddressInfo).port, close };
}

/** Writes a request as it is, and reads until the connection ends. */
export function sendRaw(port: number, head: string, body: string | Buffer = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, '127.0.0.1');
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('error', reject);
    socket.on('close', () => resolve(Buffer.concat(chunks).toString('latin1')));
    socket.write(head);
    socket.write(body);
  });
}
