import type { IncomingMessage, ServerResponse } from 'node:http';
import { writeCookie } from './cookies.ts';
import type { HttpRequestData, HttpResponseData } from './rpc.ts';
import { readQuery, type Target } from './target.ts';

/**
 * Names in lower case, the values of a repeated header joined with a comma, as Azure does it for every header. Not `request.headers`, which
 * drops the second of some, `authorization` among them.
 */
export function joinHeaders(rawHeaders: string[]): Record<string, string> {
  const headers: Record<string, string> = Object.create(null);
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase();
    const value = rawHeaders[index + 1] ?? '';
    const known = headers[name];
    headers[name] = known === undefined ? value : `${known},${value}`;
  }
  return headers;
}

/** A request as the library takes it. */
export function toHttpRequestData(
  request: IncomingMessage,
  host: string,
  target: Target,
  headers: Record<string, string>,
  params: Record<string, string>,
  body: Buffer | undefined,
): HttpRequestData {
  const data: HttpRequestData = {
    method: request.method ?? 'GET',
    url: `http://${host}${target.path}${target.search}`,
    headers,
    params,
    query: readQuery(target.search),
  };
  if (body !== undefined && body.length > 0) data.body = { bytes: body };
  return data;
}

// The connection is the host's business, and a wrong length would break it.
const ownHeaders = new Set(['connection', 'content-length', 'keep-alive', 'trailer', 'transfer-encoding', 'upgrade']);

function toBuffer(body: HttpResponseData['body']): Buffer {
  if (body?.bytes !== undefined) return Buffer.from(body.bytes.buffer, body.bytes.byteOffset, body.bytes.byteLength);
  return Buffer.from(body?.string ?? '');
}

/** Sends what the library made of a handler's result. Throws where a header cannot be written; nothing has been sent then. */
export function sendResponse(response: ServerResponse, data: HttpResponseData): void {
  const status = Number(data.statusCode);
  const body = toBuffer(data.body);
  const headers: string[] = [];
  for (const [name, value] of Object.entries(data.headers))
    if (!ownHeaders.has(name.toLowerCase())) headers.push(name, value);
  for (const cookie of data.cookies) headers.push('set-cookie', writeCookie(cookie));
  // The length that the body would have had, for HEAD; no length where there can be no body (RFC 9110, section 8.6).
  const length =
    response.req.method === 'HEAD' && body.length === 0 ? data.headers['content-length'] : String(body.length);
  if (length !== undefined && status !== 204 && status !== 304) headers.push('content-length', length);
  // Node leaves the body out where there can be none.
  response.writeHead(status, headers).end(body);
}

/** An answer of the host itself, without a body. */
export function sendEmpty(response: ServerResponse, status: number): void {
  response.writeHead(status, status === 204 ? [] : ['content-length', '0']).end();
}

/** An answer of the host's own interface. */
export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  const body = Buffer.from(`${JSON.stringify(value)}\n`);
  response
    .writeHead(status, ['content-type', 'application/json; charset=utf-8', 'content-length', String(body.length)])
    .end(body);
}
