import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BrokerOnStack } from './broker-on-stack.ts';

type LoadAnswer = { readonly caller: string; readonly api: string; readonly status: number };

/** Requests that go on and on. */
type Load = {
  /** Waits until so many more of them have been answered to each of the callers. */
  more(count: number): Promise<void>;
  /** How many were answered so far. */
  mark(): number;
  /** Lets those under way come to their end. Resolves with all answers, in the order in which they came. */
  end(): Promise<readonly LoadAnswer[]>;
};

export type ServedHeaders = {
  /** Has each caller ask for an API again and again, over sockets. */
  load(asks: readonly (readonly [caller: string, api: string])[]): Promise<Load>;
  close(): Promise<void>;
};

/** Serves `/v1/headers/{api}` of a broker on a stack over HTTP. */
export async function serveHeaders(on: BrokerOnStack): Promise<ServedHeaders> {
  const server = createServer((request, response) => {
    const token = request.headers.authorization?.replace(/^Bearer /, '');
    const api = (request.url ?? '').replace('/v1/headers/', '');
    void on.headers(api, { token }).then(({ status, headers, text }) => response.writeHead(status, headers).end(text));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/headers`;

  return {
    load: async (asks) => {
      const answers: LoadAnswer[] = [];
      const counts = asks.map(() => 0);
      const over = new AbortController();
      const tokens = await Promise.all(asks.map(([caller]) => on.token(caller)));
      const loops = asks.map(async ([caller, api], index) => {
        while (!over.signal.aborted) {
          const response = await fetch(`${url}/${api}`, { headers: { authorization: `Bearer ${tokens[index]}` } });
          await response.text();
          answers.push({ caller, api, status: response.status });
          counts[index] = (counts[index] ?? 0) + 1;
        }
      });
      return {
        more: async (count) => {
          const wanted = counts.map((before) => before + count);
          while (counts.some((reached, index) => reached < (wanted[index] ?? 0))) {
            await new Promise((resolve) => setImmediate(resolve));
          }
        },
        mark: () => answers.length,
        end: async () => {
          over.abort();
          await Promise.all(loops);
          return answers;
        },
      };
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
