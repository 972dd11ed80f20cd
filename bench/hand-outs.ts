import { Agent, request as sendRequest } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { Clock } from '../shared/clock.ts';

/** What came of one request. Status 0 where there was no answer. */
type Answered = { readonly status: number; readonly requestId: string; readonly ms: number };

type Options = {
  clock: Clock;
  /** Of the route, and one token for each caller. */
  url: string;
  tokens: readonly string[];
  connections: number;
  /** All connections together. Without it each asks again as soon as it is answered. */
  perSecond?: number | undefined;
  /** Once it is aborted no request is begun. */
  signal: AbortSignal;
  /** Told of each answer when its head is there: from then on its caller may have read what is in it. */
  onHead?: (answer: { status: number; requestId: string }) => void;
  /** Told when a request has ended, and how long after it was due. */
  onEnd?: (answer: Answered) => void;
};

/** Asks for headers again and again, over connections that stay open. Resolves when all that was begun has ended. */
export async function askAgainAndAgain(options: Options): Promise<void> {
  const { connections } = options;
  await Promise.all(Array.from({ length: connections }, (_, index) => keepAsking(options, index)));
}

async function keepAsking(options: Options, index: number): Promise<void> {
  const { clock, connections, perSecond, signal, tokens, onEnd } = options;
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const token = tokens[index % tokens.length] ?? '';
  const everyMs = perSecond === undefined ? 0 : (connections * 1_000) / perSecond;
  let dueAt = clock.monotonic() + (everyMs * index) / connections;
  while (!signal.aborted) {
    // oxlint-disable-next-line no-await-in-loop -- A connection asks one after the other.
    await until(clock, dueAt);
    // Measured from when it was due, so that one slow answer does not hide that others had to wait for it.
    const startedAt = perSecond === undefined ? clock.monotonic() : dueAt;
    // oxlint-disable-next-line no-await-in-loop
    const answer = await ask(options, agent, token);
    onEnd?.({ ...answer, ms: clock.monotonic() - startedAt });
    dueAt += everyMs;
  }
  agent.destroy();
}

async function until(clock: Clock, dueAt: number): Promise<void> {
  const waitMs = dueAt - clock.monotonic();
  if (waitMs > 0) await new Promise<void>((resolve) => void clock.after(waitMs, resolve));
}

function ask({ url, onHead }: Options, agent: Agent, token: string): Promise<{ status: number; requestId: string }> {
  return new Promise((resolve) => {
    const fail = () => resolve({ status: 0, requestId: '' });
    sendRequest(url, { agent, headers: { Authorization: `Bearer ${token}` } })
      .once('error', fail)
      .once('response', (response: IncomingMessage) => {
        const answer = { status: response.statusCode ?? 0, requestId: String(response.headers['x-request-id']) };
        onHead?.(answer);
        response.once('error', fail).once('end', () => resolve(answer));
        response.resume();
      })
      .end();
  });
}
