import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createCleanup, type Cleanup } from '../../../local/stack/cleanup.ts';
import { findShortfalls } from '../../../scripts/fuzz-openapi/report.ts';
import { fuzz, type FuzzOptions, type Tally } from '../../../scripts/fuzz-openapi/run.ts';
import { createSender, type Sender } from '../../../scripts/fuzz-openapi/send.ts';
import { openTarget, type Target } from '../../../scripts/fuzz-openapi/target.ts';
import { acquireTokens } from '../../../scripts/fuzz-openapi/tokens.ts';
import type { OpenApiDocument } from '../../../scripts/openapi/types.ts';

/** The bundle, Azurite and the host take their time on a busy machine. */
const patient = 120_000;

let cleanup: Cleanup;
let target: Target;
let sender: Sender;
let options: FuzzOptions;
beforeAll(async () => {
  cleanup = createCleanup();
  target = await openTarget(cleanup);
  sender = createSender(target.broker);
  const document = (await (await fetch(`${target.broker}/openapi.json`)).json()) as OpenApiDocument;
  options = { document, tokens: await acquireTokens(target.control), seed: 4, requests: 300 };
}, patient);
afterAll(async () => {
  sender.close();
  await cleanup.close();
  const folder = process.env['BROKER_TEST_OUTPUT'];
  if (folder) appendFileSync(join(folder, `fuzz-${process.pid}.log`), target.lines.join('\n'));
}, patient);

const reasonsOf = ({ failures }: Tally) =>
  failures.flatMap(({ sent, wrong }) => wrong.map((each) => `${sent.method} ${sent.target}: ${each}`));

test(
  '300 requests of all kinds get no 5xx, and no answer that the document does not describe',
  async () => {
    const tally = await fuzz(sender, options);
    expect(reasonsOf(tally)).toEqual([]);
    expect(findShortfalls(options.document, tally, target.lines)).toEqual([]);
    expect(tally.requests).toBe(300);
    const statuses = new Set(Array.from(tally.answers.values()).flatMap((each) => Array.from(each.keys())));
    expect([...statuses]).toEqual(expect.arrayContaining([200, 400, 401, 403, 404, 405]));
  },
  patient,
);

describe('a document that does not say what the broker does fails', () => {
  // oxlint-disable-next-line typescript/no-explicit-any -- a document that is to be spoilt, anywhere
  test.each<[string, (document: any) => void, RegExp]>([
    [
      'a refusal',
      ({ paths }) => delete paths['/v1/headers/{api}'].get.responses['403'],
      /headers.*: 403 is not described/,
    ],
    [
      'a member',
      ({ components }) => delete components.schemas.Apis.properties.apis.items.properties.baseUrl,
      /apis.*: the body is not as described/,
    ],
    [
      'a media type',
      ({ paths }) => {
        const { content } = paths['/v1/apis'].get.responses['200'];
        [content['text/json'], content['application/json']] = [content['application/json'], undefined];
      },
      /apis.*: the media type application\/json is not/,
    ],
    ['a method', ({ paths }) => (paths['/v1/apis'].head = paths['/v1/apis'].get), /HEAD .*: 405 is not described/],
    ['a path', ({ paths }) => (paths['/v2/apis'] = paths['/v1/apis']), /v2\/apis.*: 404 is not described/],
  ])(
    'for want of, or with too much of, %s',
    async (_what, spoil, told) => {
      const document = structuredClone(options.document);
      spoil(document);
      const tally = await fuzz(sender, { ...options, document });
      expect(reasonsOf(tally)).toEqual(expect.arrayContaining([expect.stringMatching(told)]));
    },
    patient,
  );
});
