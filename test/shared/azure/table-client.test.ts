import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text as readBody } from 'node:stream/consumers';
import type { AccessToken } from '@azure/identity';
import { createTableClient } from '../../../shared/azure/table-client.ts';
import { BrokerError } from '../../../shared/errors.ts';
import { eventually } from '../../support/broker-on-stack.ts';
import { createManualClock } from '../../support/manual-clock.ts';

type Asked = Pick<IncomingMessage, 'method' | 'url' | 'headers'> & { body: string };
type Answer = { status: number; headers?: Record<string, string>; body?: unknown };

/** The status of no answer, and the body of one that never ends. */
const hangs = 0;
const breaksOff = Symbol('breaks off');

const signal = new AbortController().signal;
const clock = createManualClock();
const keys = { PartitionKey: 'p', RowKey: 'record' };
const operations = [{ entity: keys }];
const page = { filter: "PartitionKey eq 'p'", limit: 3 };
let asked: Asked[] = [];
let answers: Answer[] = [];

async function answerNext(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method, url, headers } = request;
  asked.push({ method, url, headers, body: await readBody(request) });
  const { status, headers: sent, body } = answers.shift() ?? { status: 501 };
  if (status === hangs) return;
  response.writeHead(status, sent);
  if (body === breaksOff) response.write('{');
  else response.end(typeof body === 'string' ? body : JSON.stringify(body));
}

const server = createServer((request, response) => void answerNext(request, response));
beforeAll(() => new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve)));
beforeEach(() => {
  asked = [];
  answers = [];
});
afterAll(async () => {
  await new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  });
});

const accessToken = async (): Promise<AccessToken | null> => ({ token: 'token', expiresOnTimestamp: 0 });
function create(getToken: (scope: string | string[]) => Promise<AccessToken | null> = accessToken) {
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const url = `http://127.0.0.1:${port}/account`;
  return createTableClient({ clock, credential: { getToken } }, { url, table: 'rotation' });
}
type Client = ReturnType<typeof create>;

const calls: readonly (readonly [string, (client: Client, until?: AbortSignal) => Promise<unknown>])[] = [
  ['getting', (client, until = signal) => client.get(keys, until)],
  ['submitting', (client, until = signal) => client.submit(operations, until)],
  ['creating', (client, until = signal) => client.create(until)],
  ['querying', (client, until = signal) => client.query(page, until)],
];
const unavailable = { name: 'BrokerError', reason: 'storage-unavailable' };

test.each(calls)('%s asks with a bearer token for storage, the date and the versions', async (_call, run) => {
  const scopes: unknown[] = [];
  await run(create(async (scope) => (scopes.push(scope), accessToken()))).catch(() => {});
  expect(scopes).toEqual(['https://storage.azure.com/.default']);
  expect(asked.map(({ headers }) => headers)).toEqual([
    expect.objectContaining({
      authorization: 'Bearer token',
      accept: expect.stringMatching(/^application\/json/),
      'x-ms-date': new Date(clock.wall()).toUTCString(),
      'x-ms-version': '2020-12-06',
      dataserviceversion: '3.0',
      maxdataserviceversion: '3.0',
    }),
  ]);
});

test.each(calls)('%s asks nothing without a token', async (_call, run) => {
  await expect(run(create(async () => null))).rejects.toMatchObject({ reason: 'identity-refused' });
  const refused = new BrokerError('identity-unavailable');
  await expect(run(create(() => Promise.reject(refused)))).rejects.toBe(refused);
  await expect(run(create(() => Promise.reject(new Error('CANARY'))))).rejects.toMatchObject(unavailable);
  expect(asked).toEqual([]);
});

test('a call that is ended while it waits for a token ends, and blames nobody’s reason for it', async () => {
  const controller = new AbortController();
  const getting = create(() => new Promise(() => {})).get(keys, controller.signal);
  controller.abort(new BrokerError('deadline'));
  await expect(getting).rejects.toMatchObject(unavailable);
});

test('the code of what broke the connection is told, and nothing else of it', async () => {
  const cause = Object.assign(new Error('CANARY'), { code: 'ECONNRESET' });
  const fetching = jest.spyOn(globalThis, 'fetch').mockRejectedValueOnce(new TypeError('fetch failed', { cause }));
  const error = await create()
    .get(keys, signal)
    .catch((failure: unknown) => failure);
  fetching.mockRestore();
  expect(error).toMatchObject({ ...unavailable, upstream: 'ECONNRESET', cause: undefined });
});

describe.each(calls)('%s', (_call, run) => {
  test.each<[number, string, Answer]>([
    [500, 'storage-unavailable', { status: 500 }],
    [429, 'storage-unavailable', { status: 429 }],
    [304, 'storage-refused', { status: 304 }],
    [307, 'storage-refused', { status: 307, headers: { Location: '/account/elsewhere' } }],
    [400, 'storage-refused', { status: 400 }],
    [403, 'storage-refused', { status: 403, body: 'no' }],
  ])('answered %i is one request, and fails', async (status, reason, answer) => {
    answers = [answer];
    await expect(run(create())).rejects.toMatchObject({ reason, upstream: status });
    expect(asked).toHaveLength(1);
  });

  test.each<[string, Answer]>([
    ['before it is answered', { status: hangs }],
    ['before the answer is complete', { status: 200, body: breaksOff }],
  ])('ends when it is told to %s', async (_when, answer) => {
    answers = [answer];
    const controller = new AbortController();
    const running = expect(run(create(), controller.signal)).rejects.toMatchObject(unavailable);
    await eventually(() => asked.length === 1);
    controller.abort(new BrokerError('deadline'));
    await running;
  });

  test('fails with the code of the service and the wait that it asks for', async () => {
    const body = { 'odata.error': { code: 'ServerBusy', message: { lang: 'en-US', value: 'CANARY' } } };
    answers = [{ status: 503, headers: { 'Retry-After': '7' }, body }];
    await expect(run(create())).rejects.toMatchObject({ ...unavailable, upstream: 'ServerBusy', retryAfterMs: 7_000 });
  });

  test('takes an answer of more than 1 MiB for none', async () => {
    answers = [{ status: 200, body: { value: [], x: 'x'.repeat(1_048_576) } }];
    await expect(run(create())).rejects.toMatchObject(unavailable);
  });

  test.each<[string, Answer]>([
    ['nothing', { status: 200, body: '' }],
    ['no JSON', { status: 200, body: '<html>' }],
    ['no object', { status: 200, body: [] }],
    ['null', { status: 200, body: 'null' }],
    ['an object that says nothing', { status: 200, body: {} }],
    ['what an error looks like', { status: 200, body: { 'odata.error': { code: 'ResourceNotFound' } } }],
    ['that it is accepted', { status: 202, body: { value: [], 'odata.etag': '"1"' } }],
    ['a part of it', { status: 206, body: { value: [], 'odata.etag': '"1"' } }],
  ])('does not understand %s', async (_what, answer) => {
    answers = [answer];
    await expect(run(create())).rejects.toMatchObject({ ...unavailable, upstream: undefined });
    expect(asked).toHaveLength(1);
  });
});

describe('an entity', () => {
  test('is got with its ETag', async () => {
    answers = [{ status: 200, body: { 'odata.etag': 'W/"1"', ...keys, x: 1 } }];
    expect(await create().get({ PartitionKey: "o'brien", RowKey: 'a b' }, signal)).toEqual({
      etag: 'W/"1"',
      fields: { 'odata.etag': 'W/"1"', ...keys, x: 1 },
    });
    expect(asked[0]?.url).toBe("/account/rotation(PartitionKey='o''brien',RowKey='a%20b')");
  });

  test.each([1, '', '*', 'W/"1"\r\nX: y'])('is none with the ETag %j', async (etag) => {
    answers = [{ status: 200, body: { 'odata.etag': etag, ...keys } }];
    await expect(create().get(keys, signal)).rejects.toMatchObject(unavailable);
  });
});

describe('a transaction', () => {
  const parts = (inner: string) =>
    `--b\nContent-Type: multipart/mixed; boundary=c\n\n--c\n\n${inner}\n\n--c--\n--b--\n`;
  const answerWith = (inner: string, status = 202): Answer => ({
    status,
    headers: { 'Content-Type': 'multipart/mixed; boundary=b' },
    body: parts(inner),
  });

  test('gives the ETag of its first entity, and is sent to the service and not to the table', async () => {
    answers = [answerWith('HTTP/1.1 204 No Content\nETag: W/"1"')];
    expect(await create().submit(operations, signal)).toBe('W/"1"');
    expect(asked).toMatchObject([
      { method: 'POST', url: '/account/$batch', body: expect.stringContaining('"record"') },
    ]);
    const [, boundary] = /^multipart\/mixed; boundary=(.*)$/.exec(asked[0]?.headers['content-type'] ?? '') ?? [];
    expect(asked[0]?.body.startsWith(`--${boundary}\r\n`)).toBe(true);
  });

  test.each<[string, Answer]>([
    ['has no ETag', answerWith('HTTP/1.1 204 No Content')],
    ['is answered with another status', answerWith('HTTP/1.1 204 No Content\nETag: W/"1"', 200)],
    ['has more operations than were answered', answerWith('')],
  ])('is not done when it %s', async (_what, given) => {
    answers = [given];
    await expect(create().submit(operations, signal)).rejects.toMatchObject(unavailable);
  });

  test.each([
    ['409 Conflict', 'EntityAlreadyExists', 'storage-refused'],
    ['409 Conflict', 'TableBeingDeleted', 'storage-unavailable'],
    ['500 Internal Server Error', 'OperationTimedOut', 'storage-unavailable'],
  ])('fails as its operation did: %s, %s', async (status, code, reason) => {
    answers = [answerWith(`HTTP/1.1 ${status}\n\n{"odata.error":{"code":"${code}"}}`)];
    await expect(create().submit(operations, signal)).rejects.toMatchObject({ reason, upstream: code });
  });
});

test.each([201, 204])('a table is made when that is answered %i', async (status) => {
  answers = [{ status }];
  await create().create(signal);
  expect(asked).toMatchObject([{ method: 'POST', url: '/account/Tables', body: '{"TableName":"rotation"}' }]);
});

describe('a query', () => {
  const from = (partition: string, row?: string) => ({
    'x-ms-continuation-NextPartitionKey': partition,
    ...(row && { 'x-ms-continuation-NextRowKey': row }),
  });
  const limits = () => asked.map(({ url }) => new URL(url ?? '', 'http://x').searchParams.get('$top'));

  test('goes on where a page says, also after an empty one, until it has enough', async () => {
    answers = [
      { status: 200, headers: from('1!4!cA--', 'r=1'), body: { value: [1] } },
      { status: 200, headers: from('1!4!cA--'), body: { value: [] } },
      { status: 200, headers: from('p', 'r'), body: { value: [2, 3, 4] } },
    ];
    expect(await create().query(page, signal)).toEqual([1, 2, 3]);
    expect(limits()).toEqual(['3', '2', '2']);
    const filter = '$filter=PartitionKey%20eq%20%27p%27';
    expect(asked.map(({ url }) => url)).toEqual([
      `/account/rotation()?${filter}&$top=3`,
      `/account/rotation()?${filter}&$top=2&NextPartitionKey=1!4!cA--&NextRowKey=r%3D1`,
      `/account/rotation()?${filter}&$top=2&NextPartitionKey=1!4!cA--`,
    ]);
  });

  test('ends where there is nothing to go on with', async () => {
    answers = [{ status: 200, body: { value: [1] } }];
    expect(await create().query({ ...page, limit: 5_000 }, signal)).toEqual([1]);
    expect(limits()).toEqual(['500']);
  });

  test('does not go round in circles', async () => {
    const again = { status: 200, headers: from('p', 'r'), body: { value: [] } };
    answers = [again, again, again];
    await expect(create().query(page, signal)).rejects.toMatchObject(unavailable);
    expect(asked).toHaveLength(2);
  });

  test('that fails on its way tells nothing', async () => {
    answers = [{ status: 200, headers: from('p', 'r'), body: { value: [1] } }, { status: 500 }];
    await expect(create().query(page, signal)).rejects.toMatchObject(unavailable);
  });

  test.each([{ value: {} }, { value: null }, { values: [] }])('does not understand %j', async (body) => {
    answers = [{ status: 200, body }];
    await expect(create().query(page, signal)).rejects.toMatchObject(unavailable);
  });
});
