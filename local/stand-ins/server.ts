import type { IncomingMessage, ServerResponse } from 'node:http';
import { systemClock } from '../../shared/clock.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Counts } from './counts.ts';
import type { ActiveFault, Fault, Faults } from './faults.ts';
import { answerOf, openServer, readRequest, send } from './http.ts';
import type { Handle, ServerCertificate, StandIn, StandInRequest, StandInResponse } from './http.ts';

export type { StandIn, StandInRequest, StandInResponse } from './http.ts';

/** The services that stand-ins stand in for, as faults and request counts name them. */
export const targets = ['entra', 'identity', 'vault', 'gateway', 'management', 'portal', 'storage'] as const;

/** One of `targets`. */
export type Target = (typeof targets)[number];

/** What `serveStandIn` takes. `instance` is 0 and `port` any free one unless given; with `tls` it speaks HTTPS, else plain HTTP. */
export type ServeStandInOptions = {
  target: Target;
  instance?: number;
  port?: number;
  tls?: ServerCertificate;
  faults: Faults;
  counts: Counts;
  clock?: Clock;
  handle: Handle;
};

/**
 * Serves one stand-in on 127.0.0.1.
 *
 * A request meets the fault table first, then the handler. It is counted once, before its answer leaves, so that whoever has an answer finds
 * it counted; one that hangs is counted when it arrives, and one whose client leaves before its answer when the client leaves, both with
 * status 0. A delayed request is handled at the end of its delay even if the client has left, as a slow service would.
 * A body over 1 MB is 413, a handler that throws is 500.
 */
export async function serveStandIn(options: ServeStandInOptions): Promise<StandIn> {
  const { port = 0, tls } = options;
  const closing = new AbortController();
  const standIn = await openServer((...exchange) => void serve(options, closing.signal, ...exchange), { port, tls });
  const close = (): Promise<void> => {
    closing.abort();
    return standIn.close();
  };
  return { ...standIn, close };
}

async function serve(
  options: ServeStandInOptions,
  closing: AbortSignal,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const { target, instance = 0, counts, tls, clock = systemClock } = options;
  const path = (incoming.url ?? '').replace(/\?.*/s, '');
  const count = once((status: number) => counts.record(target, incoming.method ?? '', path, status));
  const gone = closeSignal(outgoing);
  gone.addEventListener('abort', () => count(0));

  // Reading fails only when the client leaves in the middle of its body.
  const request = await readRequest(incoming, { scheme: tls ? 'https' : 'http', instance }).catch(() => undefined);
  if (!request) return;
  const answer = 'status' in request ? request : await faultyAnswer(options, request, { closing, gone, count });
  if (answer === 'none') {
    count(0);
    outgoing.destroy();
    return;
  }
  count(answer.status);
  // By the services' clock, where Node would set it by the machine's.
  outgoing.setHeader('Date', new Date(clock.wall()).toUTCString());
  send(outgoing, answer);
}

type Exchange = { closing: AbortSignal; gone: AbortSignal; count: (status: number) => void };

async function faultyAnswer(
  { target, faults, clock = systemClock, handle }: ServeStandInOptions,
  request: StandInRequest,
  exchange: Exchange,
): Promise<StandInResponse | 'none'> {
  const { method, url, instance } = request;
  const active = faults.match({ target, method, path: url.pathname, instance });
  if (!active) return answerOf(handle, request);
  const done = active.fault.after ? await answerOf(handle, request) : undefined;
  const instead = await suffer(active, clock, exchange);
  return instead ?? done ?? answerOf(handle, request);
}

/** Waits as the fault says; resolves with what is answered instead of the handler's answer, or nothing. */
async function suffer(
  { fault, lifted }: ActiveFault,
  clock: Clock,
  { closing, gone, count }: Exchange,
): Promise<StandInResponse | 'none' | undefined> {
  const { delayMs, hang, reset } = fault;
  if (delayMs !== undefined) {
    await wait(AbortSignal.any([lifted, closing]), (done) => clock.after(delayMs, done));
    if (closing.aborted) return 'none';
  }
  if (hang) {
    count(0);
    await wait(AbortSignal.any([lifted, gone]), () => () => {});
    return lifted.aborted ? undefined : 'none';
  }
  return reset ? 'none' : answerOfFault(fault);
}

function answerOfFault({ status, headers, body }: Fault): StandInResponse | undefined {
  if (status === undefined) return undefined;
  return { status, ...(headers && { headers }), ...(body !== undefined && { body }) };
}

function wait(over: AbortSignal, start: (done: () => void) => () => void): Promise<void> {
  return new Promise((resolve) => {
    if (over.aborted) return resolve();
    const stop = (): void => {
      cancel();
      resolve();
    };
    const cancel = start(() => {
      over.removeEventListener('abort', stop);
      resolve();
    });
    over.addEventListener('abort', stop, { once: true });
  });
}

function closeSignal(outgoing: ServerResponse): AbortSignal {
  const controller = new AbortController();
  outgoing.once('close', () => controller.abort());
  return controller.signal;
}

function once(callback: (status: number) => void): (status: number) => void {
  let called = false;
  return (status) => {
    if (called) return;
    called = true;
    callback(status);
  };
}
