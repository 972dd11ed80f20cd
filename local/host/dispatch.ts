import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Admin } from './admin.ts';
import { announcesBody, readBody } from './body.ts';
import { joinHeaders, sendEmpty, sendResponse, toHttpRequestData } from './http.ts';
import type { InFlight } from './in-flight.ts';
import type { IndexedFunction } from './indexing.ts';
import type { Invoke } from './invoke.ts';
import { describeError, type Log } from './log.ts';
import type { RouteMatch } from './routes.ts';
import type { SignIn } from './sign-in.ts';
import { readQuery, splitPath, splitTarget, type Target } from './target.ts';

type Dependencies = {
  match: (method: string, path: string[]) => RouteMatch<HttpFunction> | undefined;
  invoke: Invoke;
  admin: Admin;
  signIn: SignIn | undefined;
  key: string | undefined;
  inFlight: InFlight;
  log: Log;
  isStopping: () => boolean;
};

export type HttpFunction = { indexed: IndexedFunction; needsKey: boolean };

type Request = {
  message: IncomingMessage;
  host: string;
  target: Target;
  path: string[];
  headers: Record<string, string>;
};

// Kestrel's limit; rawHeaders holds names and values.
const headerLimit = 100;

const hostPattern = /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i;

/** Remembers the last good host, which is nearly always the next one's. */
function createHostCheck(): (host: string) => boolean {
  let good: string | undefined;
  return (host) => {
    if (host === good) return true;
    if (!hostPattern.test(host) || !URL.canParse(`http://${host}/`)) return false;
    good = host;
    return true;
  };
}

function readRequest(message: IncomingMessage, isGoodHost: (host: string) => boolean): Request | number {
  if (message.rawHeaders.length > headerLimit * 2) return 431;
  const target = splitTarget(message.url ?? '');
  const path = target && splitPath(target.path);
  const headers = joinHeaders(message.rawHeaders);
  // HTTP/1.0 need not say; node refuses 1.1 without it.
  const host = headers['host'] ?? `127.0.0.1:${message.socket.localPort}`;
  return target && path && isGoodHost(host) ? { message, host, target, path, headers } : 400;
}

async function readRequestBody({ message, headers }: Request): Promise<Buffer | undefined | 'too-large' | 'aborted'> {
  return announcesBody(headers) ? readBody(message, headers['content-length']) : undefined;
}

function hasKey({ headers, target }: Request, key: string | undefined): boolean {
  return key !== undefined && (headers['x-functions-key'] === key || readQuery(target.search)['code'] === key);
}

/** Takes a request from node to a function and its answer back. Whatever a request holds, it is answered or its connection ends. */
export function createDispatch(
  dependencies: Dependencies,
): (message: IncomingMessage, response: ServerResponse) => void {
  const { match, admin, signIn, key, isStopping, log } = dependencies;
  const isGoodHost = createHostCheck();

  const answer = async (request: Request, response: ServerResponse): Promise<void> => {
    const method = request.message.method ?? '';
    if (signIn && request.path[0]?.toLowerCase() === '.auth')
      return signIn.answer(response, method, request.path, request.target, request.headers);
    const isAdmin = request.path[0]?.toLowerCase() === 'admin';
    const found = isAdmin ? undefined : match(method, request.path);
    if (!isAdmin && !found) return sendEmpty(response, 404);
    if (found?.target.needsKey === true && !hasKey(request, key)) return sendEmpty(response, 401);
    const body = await readRequestBody(request);
    if (body === 'aborted') return undefined;
    if (body === 'too-large') return sendEmpty(response, 413);
    if (isStopping()) return refuseWhileStopping(response);
    return found
      ? invokeHttp(dependencies, request, found, body, response)
      : admin(response, method, request.path, body);
  };

  return (message, response) => {
    response.shouldKeepAlive &&= !isStopping();
    const request = readRequest(message, isGoodHost);
    if (typeof request === 'number') return sendEmpty(response, request);
    answer(request, response).catch((error: unknown) => {
      log('error', 'system', 'host', `a request could not be answered: ${describeError(error)}`);
      if (response.headersSent) return void response.destroy();
      // A head that could not be written has left its reason phrase behind.
      response.statusMessage = '';
      return sendEmpty(response, 500);
    });
  };
}

function refuseWhileStopping(response: ServerResponse): void {
  response.shouldKeepAlive = false;
  sendEmpty(response, 503);
}

async function invokeHttp(
  { invoke, inFlight, isStopping, signIn }: Dependencies,
  { message, host, target, headers: given }: Request,
  { target: { indexed }, params }: RouteMatch<HttpFunction>,
  body: Buffer | undefined,
  response: ServerResponse,
): Promise<void> {
  const end = inFlight.begin();
  const headers = signIn ? signIn.identify(given) : given;
  const http = toHttpRequestData(message, host, target, headers, params, body);
  const result = await invoke(indexed, { http }).catch(() => 'failed' as const);
  // Under way until the answer has left; the client may have left before.
  if (response.closed) end();
  else response.on('close', end);
  response.shouldKeepAlive &&= !isStopping();
  if (result === 'failed') sendEmpty(response, 500);
  else if (result.returnValue?.http) sendResponse(response, result.returnValue.http);
  // A handler that returns nothing: https://learn.microsoft.com/azure/azure-functions/functions-bindings-http-webhook-output
  else sendEmpty(response, 204);
}
