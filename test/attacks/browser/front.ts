import { createServer, request as ask, type IncomingHttpHeaders } from 'node:http';
import { listen, type Listening } from './listening.ts';

/** An answer of the app's on its way to the browser. */
export type Passing = { readonly headers: IncomingHttpHeaders; readonly body: string };

export type Behaviour = {
  /** Takes away what only newer browsers send: Fetch Metadata. */
  readonly isOld?: boolean;
  /** Changes the dashboard's page. */
  readonly change?: (page: Passing) => Passing;
};

/** What the browser takes for the app: hands requests on, and notes them. */
export type Front = Listening & {
  /** Forgets what was asked. */
  begin(behaviour?: Behaviour): void;
  /** Resolves, once so many requests are answered and none is under way, with them: `GET /dashboard 200`, and `+` where the session came along. */
  asked(count: number): Promise<readonly string[]>;
};

const longestWaitMs = 3_000;
const ofConnection = new Set(['connection', 'upgrade', 'keep-alive', 'transfer-encoding']);
const metadata = /^sec-fetch-/;

export async function openFront(port: number, session: string): Promise<Front> {
  let answered: string[] = [];
  let underWay = 0;
  let behaviour: Behaviour = {};
  let tell = () => {};

  const server = createServer((request, response) => {
    const { method = 'GET', url = '/' } = request;
    const { isOld = false, change = (page) => page } = behaviour;
    const mine = answered;
    const headers = without(request.headers, ([name]) => isOld && metadata.test(name));
    underWay += 1;
    const end = (status: number, { headers: given, body }: Passing): void => {
      response.writeHead(status, { ...given, 'content-length': Buffer.byteLength(body) }).end(body);
      // What a browser asks for of its own accord, now or later.
      if (url !== '/favicon.ico')
        mine.push(`${method} ${url} ${status}${request.headers.cookie?.includes(session) ? ' +' : ''}`);
      underWay -= 1;
      tell();
    };
    const own = ask({ port, host: '127.0.0.1', method, path: url, headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => {
        const page = { headers: without(answer.headers), body: Buffer.concat(chunks).toString('utf8') };
        end(answer.statusCode ?? 0, url === '/dashboard' ? change(page) : page);
      });
    });
    own.on('error', () => end(502, { headers: {}, body: '' }));
    request.pipe(own);
  });

  return {
    ...(await listen(server)),
    begin: (next = {}) => {
      answered = [];
      behaviour = next;
    },
    asked: (count) =>
      new Promise((resolve) => {
        const end = () => {
          clearTimeout(timer);
          tell = () => {};
          resolve(answered);
        };
        // Whoever compares them with what is due says what is missing.
        const timer = setTimeout(end, longestWaitMs);
        tell = () => {
          if (answered.length >= count && underWay === 0) end();
        };
        tell();
      }),
  };
}

type Field = [name: string, value: IncomingHttpHeaders[string]];

function without(headers: IncomingHttpHeaders, isUnwanted: (field: Field) => boolean = () => false) {
  const kept = Object.entries(headers).filter((field) => !ofConnection.has(field[0]) && !isUnwanted(field));
  return Object.fromEntries(kept);
}
