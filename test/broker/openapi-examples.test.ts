import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createCleanup, type Cleanup } from '../../local/stack/cleanup.ts';
import type { Case } from '../../scripts/fuzz-openapi/case.ts';
import { withGivenIds } from '../../scripts/fuzz-openapi/given-ids.ts';
import { createOracle } from '../../scripts/fuzz-openapi/oracle.ts';
import { createSender, type Sender } from '../../scripts/fuzz-openapi/send.ts';
import { openTarget, type Target } from '../../scripts/fuzz-openapi/target.ts';
import { acquireTokens } from '../../scripts/fuzz-openapi/tokens.ts';
import { createDocument } from '../../scripts/openapi/document.ts';
import { exampleRequestsOf } from '../../scripts/openapi/example-requests.ts';
import { parseHttpFile } from '../support/http-file.ts';

/** The bundle, Azurite and the host take their time on a busy machine. */
const patient = 120_000;

const document = createDocument();
const judge = createOracle(document);
const examples = exampleRequestsOf(document);

let cleanup: Cleanup;
let target: Target;
let sender: Sender;
let tokens: ReadonlyMap<string, readonly string[]>;
/** The bodies of reports with ids that the caller was given, by what the document shows in their place. */
let given: ReadonlyMap<string | undefined, string | undefined>;
beforeAll(async () => {
  cleanup = createCleanup();
  target = await openTarget(cleanup);
  sender = createSender(target.broker);
  tokens = await acquireTokens(target.control);
  const own = exampleRequestsOf(await withGivenIds(document, sender, tokens.get('billing') ?? []));
  given = new Map(examples.map(({ body }, index) => [body, own[index]?.body]));
}, patient);
afterAll(async () => {
  sender.close();
  await cleanup.close();
  const folder = process.env['BROKER_TEST_OUTPUT'];
  if (folder) appendFileSync(join(folder, `examples-${process.pid}.log`), target.lines.join('\n'));
}, patient);

/** Who has an app role. */
const holders: Readonly<Record<string, string>> = {
  'Headers.Read': 'billing',
  'Operations.Read': 'auditor',
  'Operations.Write': 'platform',
};

/** A request’s body as it is sent. */
function bodyOf(shown: string | undefined): Case['body'] {
  const text = given.get(shown);
  return text === undefined ? undefined : { text, times: 1 };
}

/** Refusals that are no fault of the request: of what the rotation is doing. */
const alsoGood: Readonly<Record<string, readonly number[]>> = { steerRotation: [409] };

function expectGood(operationId: string, status: number, wrong: readonly string[]): void {
  expect(wrong).toEqual([]);
  expect([200, ...(alsoGood[operationId] ?? [])]).toContain(status);
}

describe('each request that the document shows gets an answer that it describes', () => {
  test.each(examples)('$method $target: $title', async ({ operationId, method, target: to, headers, body, role }) => {
    const token = holders[role ?? ''] ?? 'none';
    const sent: Case = {
      method: method.toUpperCase(),
      target: to,
      token,
      headers: Object.entries(headers),
      body: bodyOf(body),
    };
    const answer = await sender.send(sent, tokens.get(token) ?? []);
    expectGood(operationId, answer.status, judge(sent, answer, false).wrong);
    expect(answer.headers['content-type']).toContain(headers['Accept'] ?? '');
  });
});

describe('docs/broker.http', () => {
  const text = readFileSync(join(import.meta.dirname, '../../docs/broker.http'), 'utf8');
  const shown = parseHttpFile(text, { broker: 'http://broker.test', caller: 'billing', operator: 'platform' });
  const targetOf = (url: string) => url.replace('http://broker.test', '');

  test('has each request that the document shows, but for HEAD', () => {
    expect(shown.map(({ method, url }) => `${method} ${targetOf(url)}`)).toEqual(
      examples
        .filter(({ method }) => method !== 'head')
        .map(({ method, target: to }) => `${method.toUpperCase()} ${to}`),
    );
  });

  test.each(shown)(
    '$method $url, with the token that its variable says: $title',
    async ({ title, method, url, headers, body }) => {
      const token = headers.find(([name]) => name === 'Authorization')?.[1].replace('Bearer ', '') ?? 'none';
      const sent: Case = {
        method,
        target: targetOf(url),
        token,
        headers: headers.filter(([name]) => name !== 'Authorization'),
        body: bodyOf(body),
      };
      const answer = await sender.send(sent, tokens.get(token) ?? []);
      const { operationId = '' } = examples.find((example) => example.title === title) ?? {};
      expectGood(operationId, answer.status, judge(sent, answer, false).wrong);
    },
  );
});
