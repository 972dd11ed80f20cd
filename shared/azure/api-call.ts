import http from 'node:http';
import https from 'node:https';
import { echoesOf } from '../call/echo.ts';
import type { ApiCall, CallApi, HeaderList } from '../call/ports.ts';
import { BrokerError } from '../errors.ts';
import { traceHeaders } from '../trace-context.ts';
import { networkErrorOf } from '../upstream-error.ts';

/** In bytes. What the Functions host answers it holds as a whole. */
const longestApiAnswer = 4_194_304;

/** Calls an API with node's own client, which follows nothing, decodes nothing and adds nothing of its own but `Host` and `Content-Length`. */
export const callApi: CallApi = async (call, signal) => {
  const response = await send(call, signal);
  const headers = toList(response.rawHeaders);
  if (headers.some(isEncoding)) return refuse(response, 'api-answer-encoded');
  const body = await read(response);
  const echoes = echoesOf(textsOf(call));
  if (echoes(body)) throw new BrokerError('api-answer-echoes');
  return {
    status: response.statusCode ?? 502,
    headers: headers.filter(([name, value]) => !echoes(Buffer.from(`${name}: ${value}`))),
    body,
  };
};

function send(
  { url, method, headers, credentials, body }: ApiCall,
  signal: AbortSignal,
): Promise<http.IncomingMessage> {
  const { request } = url.protocol === 'https:' ? https : http;
  const sent: Record<string, string> = { ...Object.fromEntries(headers), ...traceHeaders() };
  for (const { name, value } of credentials) sent[name] = value.open();
  if (body.length > 0 || /^(POST|PUT|PATCH)$/.test(method)) sent['content-length'] = String(body.length);
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown) => reject(toError(cause, signal));
    const sending = request(url, { method, headers: sent, signal }, resolve);
    // An API that changes protocols would speak past us.
    sending.on('upgrade', (_response, socket) => {
      socket.destroy();
      fail(undefined);
    });
    sending.on('error', fail);
    sending.end(body);
  });
}

async function read(response: http.IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of response) {
      length += chunk.length;
      if (length > longestApiAnswer) return refuse(response, 'api-answer-too-long');
      chunks.push(chunk);
    }
  } catch (error) {
    throw toError(error, undefined);
  }
  return Buffer.concat(chunks);
}

function refuse(response: http.IncomingMessage, reason: 'api-answer-too-long' | 'api-answer-encoded'): never {
  response.destroy();
  throw new BrokerError(reason);
}

function toError(cause: unknown, signal: AbortSignal | undefined): BrokerError {
  if (cause instanceof BrokerError) return cause;
  if (signal?.aborted === true) return new BrokerError('deadline', { cause });
  return new BrokerError('api-unavailable', { cause, upstream: networkErrorOf(cause) });
}

/** What an answer is looked through for. */
function textsOf({ credentials }: ApiCall): string[] {
  return credentials.map(({ value }) => value.open().replace(/^Bearer +/, ''));
}

/** It may stand in several lines, of which each is undone by whoever reads the answer (RFC 9110, section 8.4). */
function isEncoding([name, value]: HeaderList[number]): boolean {
  return name === 'content-encoding' && value.toLowerCase() !== 'identity';
}

function toList(rawHeaders: readonly string[]): HeaderList {
  const names = rawHeaders.filter((_text, index) => index % 2 === 0);
  return names.map((name, index) => [name.toLowerCase(), rawHeaders[index * 2 + 1] ?? '']);
}
