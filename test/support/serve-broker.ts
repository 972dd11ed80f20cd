import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readBody } from '../../local/host/body.ts';
import { joinHeaders } from '../../local/host/http.ts';
import type { BrokerOnStack } from './broker-on-stack.ts';

/** Serves the header routes of a broker on a stack over HTTP. */
export async function serveBroker(on: BrokerOnStack): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    const answer = async () => {
      const path = (request.url ?? '').slice(1);
      const body = String(await readBody(request, undefined));
      const { status, headers, text } = await on.ask(/\/rejections/.test(path) ? 'rejections' : 'headers', path, {
        method: request.method ?? '',
        headers: joinHeaders(request.rawHeaders),
        ...(body && { body }),
      });
      response.writeHead(status, headers).end(text);
    };
    answer().catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
