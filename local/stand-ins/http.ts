import { createServer } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Server, Socket } from 'node:net';

/** A request, its body read. `url` has the host that the client asked for; `instance` is which of several servers of the target it reached. */
export type StandInRequest = {
  method: string;
  url: URL;
  headers: IncomingHttpHeaders;
  rawHeaders: string[];
  body: Buffer;
  instance: number;
};

/** An answer. A body that is an object is sent as JSON, with its `Content-Type` unless `headers` has one. */
export type StandInResponse = { status: number; headers?: Record<string, string>; body?: string | Buffer | object };

/** Whatever answers requests. What it throws becomes a 500. */
export type Handle = (request: StandInRequest) => StandInResponse | Promise<StandInResponse>;

/** A server that runs. `url` has no slash at its end. */
export type StandIn = {
  url: string;
  port: number;
  /** Destroys every open connection and resolves when the port is free. Can be called again. */
  close(): Promise<void>;
};

/** A server's private key and certificate, PEM. */
export type ServerCertificate = { key: string; cert: string };

/** The largest body that is read, bytes. */
const maxBodyBytes = 1024 * 1024;

/** Listens on 127.0.0.1: on any free port when `port` is 0, with TLS when `tls` is given. Rejects when the port is taken. */
export async function openServer(
  listener: RequestListener,
  { port: wantedPort, tls }: { port: number; tls?: ServerCertificate | undefined },
): Promise<StandIn> {
  const server = tls ? createTlsServer(tls, listener) : createServer(listener);
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const port = await listen(server, wantedPort);
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closed ??= new Promise((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
    return closed;
  };
  return { url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`, port, close };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : port);
    });
  });
}

/** Reads a request; resolves with the answer for one that cannot be read: 400 for its target or `Host`, 413 for a body over 1 MB. */
export async function readRequest(
  incoming: IncomingMessage,
  { scheme, instance = 0 }: { scheme: 'http' | 'https'; instance?: number },
): Promise<StandInRequest | StandInResponse> {
  const { method = '', headers, rawHeaders } = incoming;
  const url = requestUrl(incoming, scheme);
  const body = await readBody(incoming);
  if (!url) return { status: 400, body: { error: 'malformed request target or Host' } };
  if (!body) return { status: 413, body: { error: 'the body is over 1 MB' } };
  return { method, url, headers, rawHeaders, body, instance };
}

function requestUrl({ url = '', headers }: IncomingMessage, scheme: string): URL | undefined {
  const text = `${scheme}://${headers.host ?? '127.0.0.1'}${url}`;
  return url.startsWith('/') && URL.canParse(text) ? new URL(text) : undefined;
}

/** The whole body; `undefined` when it is over the limit. It is read to its end even then, so that the client reads the answer. */
async function readBody(incoming: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= maxBodyBytes) chunks.push(chunk);
  }
  return size <= maxBodyBytes ? Buffer.concat(chunks) : undefined;
}

/** The handler's answer, or 500 with the reason when it throws. */
export async function answerOf(handle: Handle, request: StandInRequest): Promise<StandInResponse> {
  try {
    return await handle(request);
  } catch (error) {
    return { status: 500, body: { error: 'the stand-in failed', reason: error instanceof Error ? error.message : '' } };
  }
}

/** Sends an answer; does nothing when the client has gone. */
export function send(outgoing: ServerResponse, { status, headers, body }: StandInResponse): void {
  if (outgoing.destroyed) return;
  const isJson = typeof body === 'object' && !Buffer.isBuffer(body);
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(isJson ? JSON.stringify(body) : (body ?? ''));
  outgoing.statusCode = status;
  if (isJson) outgoing.setHeader('Content-Type', 'application/json; charset=utf-8');
  for (const [name, value] of Object.entries(headers ?? {})) outgoing.setHeader(name, value);
  if (status !== 204 && status !== 304) outgoing.setHeader('Content-Length', bytes.length);
  outgoing.end(bytes);
}
