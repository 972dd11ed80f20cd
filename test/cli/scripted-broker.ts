import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

/** What is to be answered; a function for whatever is no answer. */
export type Scripted =
  | { status?: number; headers?: Record<string, string>; body?: unknown; text?: string }
  | ((request: IncomingMessage, response: ServerResponse) => void);

type Heard = { method: string; url: string; headers: IncomingMessage['headers']; body: unknown };

/** Answers by a script, and remembers what it was asked: a broker, or whatever else may stand at its URL. */
export type ScriptedBroker = {
  readonly url: string;
  readonly heard: Heard[];
  /** What it answers to a path from now on. Of several the first is used up first; the last stays. */
  answer(path: string, ...answers: Scripted[]): void;
  close(): Promise<void>;
};

/** Every token that a test hands out: it must stand in nothing that is printed. */
export const canaryToken = 'CANARYtoken0123456789';

export async function startScriptedBroker(certificate?: { key: string; cert: string }): Promise<ScriptedBroker> {
  const script = new Map<string, Scripted[]>();
  const heard: Heard[] = [];
  const listener: RequestListener = (request, response) => void hear(request, response);
  const hear = async (request: IncomingMessage, response: ServerResponse) => {
    const { method = '', url = '', headers } = request;
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    heard.push({ method, url, headers, body: text === '' ? undefined : JSON.parse(text) });
    const answers = script.get(url.split('?')[0] ?? '') ?? [];
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    if (typeof answer === 'function') return answer(request, response);
    const { status = 200, headers: sent = {}, body, text: plain } = answer ?? { status: 404, text: 'nothing here' };
    response.writeHead(status, { 'Content-Type': body === undefined ? 'text/html' : 'application/json', ...sent });
    response.end(body === undefined ? plain : JSON.stringify(body));
  };
  const server: Server = certificate ? createTlsServer(certificate, listener) : createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A test that fails before it closes this must not keep the run from ending.
  server.unref();
  const { port } = server.address() as AddressInfo;
  return {
    url: `${certificate ? 'https' : 'http'}://127.0.0.1:${port}`,
    heard,
    answer: (path, ...answers) => void script.set(path, answers),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** A control address of a local stack whose broker is at `broker`. */
export async function startScriptedStack(broker: string | undefined): Promise<ScriptedBroker> {
  const stack = await startScriptedBroker();
  stack.answer('/', { body: { ready: true, control: stack.url, ...(broker !== undefined && { broker }) } });
  stack.answer('/token', { body: { token: canaryToken } });
  return stack;
}

/** A problem document as the broker writes it. */
export function problem(status: number, code: string, detail = 'What to do.'): Scripted {
  const requestId = '00000000-0000-4000-8000-00000000000a';
  return {
    status,
    headers: { 'Content-Type': 'application/problem+json' },
    body: { type: `/docs/problems.md#${code}`, title: 'A problem', status, detail, code, requestId },
  };
}
