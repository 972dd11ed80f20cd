import { connect, type Socket } from 'node:net';

/** What came of a load. */
export type Load = { readonly answers: number; readonly seconds: number };

type Options = {
  url: string;
  /** Requests as they go over the wire; each connection begins at another, and then takes them in turn. */
  requests: readonly Buffer[];
  connections: number;
  ms: number;
};

/** A GET as it goes over the wire. */
export function toRequest(url: string, path: string, token: string): Buffer {
  return Buffer.from(`GET ${path} HTTP/1.1\r\nHost: ${new URL(url).host}\r\nAuthorization: Bearer ${token}\r\n\r\n`);
}

/**
 * Asks again and again over so many connections, each as soon as it is answered. Written on sockets: what a load takes of the processor, what is
 * measured does not get.
 *
 * @throws at an answer other than 200.
 */
export async function runLoad({ url, requests, connections, ms }: Options): Promise<Load> {
  const { port } = new URL(url);
  const startedAt = performance.now();
  const isOver = () => performance.now() - startedAt >= ms;
  const counts = await Promise.all(
    Array.from({ length: connections }, (_, index) =>
      askInTurn(
        connect(Number(port), '127.0.0.1'),
        requests,
        Math.floor((index * requests.length) / connections),
        isOver,
      ),
    ),
  );
  return { answers: counts.reduce((sum, count) => sum + count, 0), seconds: (performance.now() - startedAt) / 1_000 };
}

function askInTurn(socket: Socket, requests: readonly Buffer[], from: number, isOver: () => boolean): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  let answers = 0;
  const ask = () => {
    if (isOver()) return void socket.end(() => resolve(answers));
    socket.write(requests[(from + answers) % requests.length] ?? '');
  };
  const read = createAnswerReader((status) => {
    if (status !== 200) return void socket.destroy(new Error(`An answer has the status ${status}.`));
    answers += 1;
    ask();
  });
  socket.setNoDelay(true).on('connect', ask).on('data', read).on('error', reject);
  socket.on('close', () => reject(new Error('The server has closed a connection.')));
  return promise;
}

/** Takes what arrives, and tells of each answer that is complete. An answer has a `Content-Length`. */
export function createAnswerReader(tell: (status: number) => void): (chunk: Buffer) => void {
  let received: Buffer = Buffer.alloc(0);
  return (chunk) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    for (let end = endOfAnswer(received); end !== undefined; end = endOfAnswer(received)) {
      const status = Number(received.toString('latin1', 9, 12));
      received = received.subarray(end);
      tell(status);
    }
  };
}

function endOfAnswer(received: Buffer): number | undefined {
  const head = received.indexOf('\r\n\r\n');
  if (head < 0) return undefined;
  const length = /\r\ncontent-length: *(\d+)/i.exec(received.toString('latin1', 0, head))?.[1];
  if (length === undefined) throw new Error('An answer does not say how long it is.');
  const end = head + 4 + Number(length);
  return received.length < end ? undefined : end;
}
