import { connect } from 'node:net';

export type Header = readonly [name: string, value: string];

/** A request as it is written onto the socket: nothing on the way makes it better than it is. */
export type Sent = {
  /** Default: `GET`. */
  readonly method?: string;
  /** The request target, as it is. */
  readonly path: string;
  readonly headers?: readonly Header[];
  readonly body?: string | Buffer;
  /** All of it, where a request line and headers are not what it is made of. */
  readonly raw?: string | Buffer;
  /** Sent to the app that people sign in to. */
  readonly signedIn?: boolean;
};

/** The first answer that came back. */
export type Answer = {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Every byte that came back, of further answers too. */
  readonly all: string;
};

/** Sends a request over a socket of its own, and reads until the other side closes. */
export function send(port: number, sent: Sent): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const socket = connect(port, '127.0.0.1');
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  // A reset after the answer is an end like another.
  socket.on('error', (error) => (chunks.length === 0 ? reject(error) : undefined));
  socket.on('close', () => resolve(parse(Buffer.concat(chunks).toString('utf8'))));
  socket.write(sent.raw ?? write(sent));
  return promise;
}

function write({ method = 'GET', path, headers = [], body }: Sent): Buffer {
  const length = body === undefined ? [] : [['Content-Length', String(Buffer.byteLength(body))] as const];
  const lines = [['Host', 'broker.test'] as const, ['Connection', 'close'] as const, ...headers, ...length];
  const head = [`${method} ${path} HTTP/1.1`, ...lines.map(([name, value]) => `${name}: ${value}`), '', ''].join(
    '\r\n',
  );
  return Buffer.concat([Buffer.from(head, 'latin1'), Buffer.from(body ?? '')]);
}

function parse(received: string): Answer {
  const all = received.replace(/^(?:HTTP\/1\.1 1\d\d [^\r]*\r\n(?:[^\r]+\r\n)*\r\n)+/, '');
  const end = all.indexOf('\r\n\r\n');
  const [line = '', ...fields] = all.slice(0, end).split('\r\n');
  const headers = Object.fromEntries(
    fields.map((field) => {
      const colon = field.indexOf(':');
      return [field.slice(0, colon).toLowerCase(), field.slice(colon + 1).trim()];
    }),
  );
  const body = Buffer.from(all.slice(end + 4)).subarray(0, Number(headers['content-length'] ?? 0));
  return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(line)?.[1] ?? 0), headers, body: body.toString('utf8'), all };
}
