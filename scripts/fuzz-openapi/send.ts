import { Agent, request } from 'node:http';
import { bytesOf, type Case } from './case.ts';

export type Answer = {
  readonly status: number;
  /** Names in lower case; those of a repeated header joined with a comma. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

export type Sender = {
  /** Rejects where there is no answer in time, or the connection is cut. */
  send(sent: Case, authorizations: readonly string[]): Promise<Answer>;
  close(): void;
};

/** Longer than any deadline of the broker. */
const limitMs = 40_000;

/** Sends requests as they are: nothing of a path is tidied, and a header can stand twice. */
export function createSender(broker: string): Sender {
  const agent = new Agent({ keepAlive: true });
  const { hostname, port, host } = new URL(broker);

  const send: Sender['send'] = ({ method, target, headers, body }, authorizations) => {
    const bytes = body && bytesOf(body);
    const all = [
      ['Host', host],
      ...authorizations.map((value) => ['Authorization', value]),
      ...headers,
      ...(bytes ? [['Content-Length', String(bytes.length)]] : []),
    ];
    return new Promise((resolve, reject) => {
      const options = {
        agent,
        hostname,
        port,
        method,
        path: target,
        headers: all.flat(),
        signal: AbortSignal.timeout(limitMs),
      };
      const sent = request(options, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const joined = Object.entries(response.headersDistinct).map(([name, values]) => [
            name,
            values?.join(', ') ?? '',
          ]);
          const text = Buffer.concat(chunks).toString();
          resolve({ status: response.statusCode ?? 0, headers: Object.fromEntries(joined), body: text });
        });
      });
      sent.on('error', reject);
      sent.end(bytes);
    });
  };

  return { send, close: () => agent.destroy() };
}
