import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createDocument } from '../../../scripts/openapi/document.ts';

const script = join(import.meta.dirname, '../../../scripts/lint-openapi.ts');
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lint-openapi-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

// oxlint-disable-next-line typescript/no-explicit-any -- a document that is to be spoilt, anywhere
const documentWith = (spoil: (document: any) => void): string => {
  const document = structuredClone(createDocument());
  spoil(document);
  return JSON.stringify(document);
};

function lint(text: string): { code: number | null; told: string } {
  const file = join(folder, 'openapi.json');
  writeFileSync(file, text);
  const { status, stderr } = spawnSync(process.execPath, [script, file], { encoding: 'utf8' });
  return { code: status, told: stderr };
}

test('the document has nothing to be told of', () => {
  expect(lint(documentWith(() => {}))).toEqual({ code: 0, told: '' });
});

const faults: readonly [what: string, told: RegExp, spoil: Parameters<typeof documentWith>[0]][] = [
  [
    'an operation without its id',
    /\/paths\/~1v1~1apis\/get\/operationId: .*\(operation-operationId\)$/m,
    ({ paths }) => delete paths['/v1/apis'].get.operationId,
  ],
  [
    'a schema that nothing uses',
    /#\/components\/schemas\/Idle: .*never used/,
    ({ components }) => (components.schemas.Idle = { type: 'string' }),
  ],
  [
    'a header that nothing uses',
    /#\/components\/headers\/X-Idle: .*never used/,
    ({ components }) => (components.headers['X-Idle'] = { schema: { type: 'string' } }),
  ],
  [
    'an example of an answer that is none',
    /payments\/value\/expiresIn: .*type/,
    ({ paths }) => {
      const { content } = paths['/v1/headers/{api}'].get.responses['200'];
      content['application/json'].examples.payments.value.expiresIn = 'soon';
    },
  ],
  [
    'an example of a request that would be refused',
    /parameters\/0\/examples\/core\/value: .*pattern/,
    ({ paths }) => (paths['/v1/headers/{api}'].get.parameters[0].examples.core.value = 'Core'),
  ],
  ['a reference that leads nowhere', /Can't resolve \$ref/, ({ components }) => delete components.schemas.Examination],
  ['what is no part of OpenAPI', /`path` is not expected/, (document) => (document.path = {})],
];

describe('what is wrong is told, with its place', () => {
  let linted: ReturnType<typeof lint>;
  beforeAll(() => {
    linted = lint(documentWith((document) => faults.forEach(([, , spoil]) => spoil(document))));
  });

  test.each(faults)('%s', (_what, told) => {
    expect(linted).toEqual({ code: 1, told: expect.stringMatching(told) });
  });
});
