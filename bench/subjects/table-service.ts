import { readFile, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Cleanup } from '../../local/stack/cleanup.ts';
import type { Stack } from '../../local/stack/stack.ts';
import { createAuthority } from '../../local/stand-ins/certificates.ts';

/** A table service that is elsewhere: it takes next to nothing of this machine, and answers after a while. */
export type TableService = {
  /** Of a broker that is to write there. */
  readonly settings: Readonly<Record<string, string>>;
  /** What has been written. */
  readonly written: { transactions: number; records: number };
};

const account = '/devstoreaccount1';

/** Takes inserts, one by one in a transaction, and keeps none of them. */
export async function startTableService(
  { directory, settings }: Pick<Stack, 'directory' | 'settings'>,
  latencyMs: number,
  cleanup: Cleanup,
): Promise<TableService> {
  const written = { transactions: 0, records: 0 };
  const authority = await createAuthority();
  const server = createServer(await authority.issue(['127.0.0.1']), (request, response) => {
    const answer = async () => {
      const body = await readBody(request);
      const records = request.url?.endsWith('/$batch') ? countOperations(body) : 0;
      written.transactions += records > 0 ? 1 : 0;
      written.records += records;
      await new Promise((resolve) => setTimeout(resolve, latencyMs));
      if (records === 0) response.writeHead(204).end();
      else response.writeHead(202, { 'Content-Type': 'multipart/mixed; boundary=batch' }).end(toAnswer(records));
    };
    answer().catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanup.add(async () => {
    server.closeAllConnections();
    server.close();
  });
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}${account}`;
  // Beside the authority of the stand-ins.
  const authorities = join(directory, 'ca-with-tables.pem');
  await writeFile(authorities, (await readFile(settings['NODE_EXTRA_CA_CERTS'] ?? '', 'utf8')) + authority.caPem);
  return { settings: { TABLE_SERVICE_URL: url, NODE_EXTRA_CA_CERTS: authorities }, written };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('latin1');
}

function countOperations(body: string): number {
  return body.split('\r\nContent-Transfer-Encoding: binary\r\n').length - 1;
}

/** As the service answers a change set whose entities are not to be returned. */
function toAnswer(operations: number): string {
  const parts = Array.from({ length: operations }, () => [
    '--changes',
    'Content-Type: application/http',
    'Content-Transfer-Encoding: binary',
    '',
    'HTTP/1.1 204 No Content',
    'DataServiceVersion: 3.0',
    `ETag: W/"datetime'2026-11-24T03%3A00%3A00.0000000Z'"`,
    '',
    '',
  ]);
  return [
    '--batch',
    'Content-Type: multipart/mixed; boundary=changes',
    '',
    ...parts.flat(),
    '--changes--',
    '--batch--',
    '',
  ].join('\r\n');
}
