import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import { createAnswerReader, runLoad, toRequest } from '../../bench/load.ts';

test('answers are told apart wherever the network cuts them', () => {
  const wire = Buffer.from(
    'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n\r\n\r\nHTTP/1.1 503 Busy\r\ncontent-length:0\r\n\r\nHTTP/1.1 204 No\r\nContent-Length: 1\r\n\r\nx',
  );
  for (let size = 1; size <= wire.length; size += 1) {
    const statuses: number[] = [];
    const read = createAnswerReader((status) => statuses.push(status));
    for (let at = 0; at < wire.length; at += size) read(wire.subarray(at, at + size));
    expect(statuses).toEqual([200, 503, 204]);
  }
});

test('a load asks for each thing in turn, counts what was answered, and fails at an answer that is none', async () => {
  const asked: (string | undefined)[] = [];
  let status = 200;
  const server = createServer((request, response) => {
    asked.push(`${request.url} ${request.headers.authorization}`);
    response.writeHead(status, { 'content-length': 2 }).end('ok');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const load = { url, requests: [toRequest(url, '/a', 'one'), toRequest(url, '/b', 'two')], connections: 2 };

  const { answers } = await runLoad({ ...load, ms: 0 });
  expect(answers).toBe(0);
  const { answers: counted } = await runLoad({ ...load, ms: 20 });
  expect(counted).toBe(asked.length);
  expect(new Set(asked)).toEqual(new Set(['/a Bearer one', '/b Bearer two']));

  status = 429;
  await expect(runLoad({ ...load, ms: 20 })).rejects.toThrow(/429/);
  await new Promise((resolve) => {
    // First, so that none is accepted after the others were closed.
    server.close(resolve);
    server.closeAllConnections();
  });
});
