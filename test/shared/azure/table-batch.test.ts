import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { buildTransaction, parseEtag, parseTransaction } from '../../../shared/azure/table-batch.ts';

const tableUrl = 'https://account.table.core.windows.net/rotation';
const record = { PartitionKey: "o'brien", RowKey: 'record', schemaVersion: 1, record: '{"a":"ö\n"}' };
const line = { PartitionKey: "o'brien", RowKey: 'history-1', entry: '--batch_id--\r\n--changeset_id\r\n' };

describe('a transaction', () => {
  test('is written with an insert or a conditional replacement for each entity, in one change set', () => {
    const { contentType, body } = buildTransaction(
      tableUrl,
      [{ entity: record, etag: 'W/"1"' }, { entity: line }],
      'id',
    );
    expect(contentType).toBe('multipart/mixed; boundary=batch_id');
    expect(body.split('\r\n')).toEqual([
      '--batch_id',
      'Content-Type: multipart/mixed; boundary=changeset_id',
      '',
      '--changeset_id',
      'Content-Type: application/http',
      'Content-Transfer-Encoding: binary',
      '',
      `PUT ${tableUrl}(PartitionKey='o''brien',RowKey='record') HTTP/1.1`,
      'Content-Type: application/json',
      'Accept: application/json;odata=minimalmetadata',
      'DataServiceVersion: 3.0',
      'If-Match: W/"1"',
      '',
      JSON.stringify(record),
      '--changeset_id',
      'Content-Type: application/http',
      'Content-Transfer-Encoding: binary',
      '',
      `POST ${tableUrl} HTTP/1.1`,
      'Content-Type: application/json',
      'Accept: application/json;odata=minimalmetadata',
      'DataServiceVersion: 3.0',
      'Prefer: return-no-content',
      '',
      JSON.stringify(line),
      '--changeset_id--',
      '--batch_id--',
      '',
    ]);
  });

  test('has one line for each entity, whatever stands in it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const entity = { ...record, record: text };
        const { body } = buildTransaction(tableUrl, [{ entity }], 'id');
        expect(body.split(/[\r\n]+/)).toHaveLength(14);
      }),
    );
  });
});

const contentType = 'multipart/mixed; boundary=batchresponse_1';
/** As the service's page shows it ("Performing entity group transactions"). */
const answerOf = (...parts: string[][]) =>
  [
    '--batchresponse_1',
    'Content-Type: multipart/mixed; boundary=changesetresponse_2',
    '',
    ...parts.flatMap((part) => [
      '--changesetresponse_2',
      'Content-Type: application/http',
      'Content-Transfer-Encoding: binary',
      '',
      ...part,
    ]),
    '--changesetresponse_2--',
    '--batchresponse_1--',
    '',
  ].join('\r\n');
const done = (etag: string, status = '204 No Content') => [
  `HTTP/1.1 ${status}`,
  'Content-ID: 1',
  'Cache-Control: no-cache',
  'Preference-Applied: return-no-content',
  'DataServiceVersion: 3.0;',
  "Location: https://account.table.core.windows.net/rotation(PartitionKey='p',RowKey='record')",
  `ETag: ${etag}`,
  '',
  '',
];
const error = (code: string) =>
  `{"odata.error":{"code":"${code}","message":{"lang":"en-US","value":"1:x.\\nRequestId:2\\nTime:3"}}}`;
const failed = (status: string, body: string) => [
  `HTTP/1.1 ${status}`,
  'Content-ID: 1',
  'Content-Type: application/json;odata=minimalmetadata;streaming=true;charset=utf-8',
  '',
  body,
];
const etags = [`W/"datetime'2026-11-24T05%3A13%3A42.1138952Z'"`, 'W/"0x5B168C7B6E589D2"'] as const;
const two = answerOf(done(etags[0]), done(etags[1]));
const conflict = answerOf(failed('409 Conflict', error('EntityAlreadyExists')));

describe('an answer to a transaction', () => {
  test('says that it is done, with every ETag in order', () => {
    expect(parseTransaction(contentType, two, 2)).toEqual({ kind: 'done', etags });
    expect(parseTransaction(contentType, answerOf(done('"1"', '201 Created')), 1)).toEqual({
      kind: 'done',
      etags: ['"1"'],
    });
  });

  test.each([1, 2])('of %i operations says what failed', (operations) => {
    expect(parseTransaction(contentType, conflict, operations)).toEqual({
      kind: 'failed',
      status: 409,
      text: expect.stringContaining(error('EntityAlreadyExists')),
    });
  });

  test.each([
    ['lines end with LF', two.replaceAll('\r\n', '\n')],
    ['lines end either way', two.replace('\r\n\r\n', '\n\n')],
    ['boundaries have blanks after them', two.replaceAll(/^(--.*)$/gm, '$1 \t')],
    ['nothing ends its last line', two.trimEnd()],
    ['there is something before and after', `proxy\r\n\r\n${two}\r\nproxy`],
    ['header names have another case', two.replaceAll('ETag', 'etag').replaceAll('Content-Type', 'content-type')],
    ['the inner boundary is quoted', two.replace('=changesetresponse_2', '="changesetresponse_2"; charset=utf-8')],
  ])('is understood where %s', (_what, text) => {
    expect(parseTransaction(contentType, text, 2)).toEqual({ kind: 'done', etags });
  });

  test('is understood whatever else its type says', () => {
    const type = 'Multipart/Mixed;charset=utf-8;boundary="batchresponse_1"';
    expect(parseTransaction(type, two, 2)).toEqual({ kind: 'done', etags });
  });

  test('is not understood where it breaks off, wherever that is', () => {
    for (const [text, operations] of [
      [two, 2],
      [conflict, 1],
    ] as const) {
      const last = text.lastIndexOf('--');
      for (let end = 0; end < last + 2; end += 1) {
        expect(parseTransaction(contentType, text.slice(0, end), operations)).toBeUndefined();
      }
    }
  });

  test('is not understood where any one of its lines is missing that says how it is made up', () => {
    const lines = two.split('\r\n');
    const structure = lines.flatMap((text, index) => (/^(--|HTTP)|multipart/.test(text) ? [index] : []));
    expect(structure).toHaveLength(8);
    for (const index of structure) {
      expect(parseTransaction(contentType, lines.toSpliced(index, 1).join('\r\n'), 2)).toBeUndefined();
    }
  });

  test.each([
    ['one part is missing', answerOf(done(etags[0]))],
    ['there is no part', answerOf()],
    ['there is one too many', answerOf(done(etags[0]), done(etags[1]), done('"3"'))],
    ['one is done and one failed', answerOf(done(etags[0]), failed('409 Conflict', error('EntityAlreadyExists')))],
    ['one failed and one is done', answerOf(failed('412 Precondition Failed', error('X')), done(etags[1]))],
    ['two failed', answerOf(failed('409 Conflict', error('X')), failed('409 Conflict', error('X')))],
    ['one is neither', answerOf(done(etags[0]), done(etags[1], '202 Accepted'))],
    ['one is redirected', answerOf(failed('307 Temporary Redirect', ''))],
    ['one has no status', answerOf(done(etags[0]), ['HTTP/1.1 OK', `ETag: ${etags[1]}`, '', ''])],
    ['one has a status that is none', answerOf(done(etags[0]), done(etags[1], '2040 No Content'))],
    ['one is empty', answerOf(done(etags[0]), [])],
    [
      'there are two change sets',
      two.replace('--batchresponse_1--', '--batchresponse_1\r\n\r\nx\r\n--batchresponse_1--'),
    ],
    ['the change set is none', two.replace('multipart/mixed; boundary', 'text/plain; boundary')],
    ['its boundary is another', two.replace('=changesetresponse_2', '=changesetresponse_3')],
  ])('is not understood where %s', (_what, text) => {
    expect(parseTransaction(contentType, text, 2)).toBeUndefined();
  });

  test.each([
    null,
    '',
    'text/html',
    'multipart/mixed',
    'multipart/mixed; boundary=',
    'multipart/mixed; boundary=other',
  ])('is not understood with the type %j', (type) => expect(parseTransaction(type, two, 2)).toBeUndefined());

  test('has no ETag where it gives none that could be sent back', () => {
    const without = answerOf(
      done(etags[0]).filter((each) => !each.startsWith('ETag')),
      done('x y'),
    );
    expect(parseTransaction(contentType, without, 2)).toEqual({ kind: 'done', etags: [undefined, undefined] });
  });

  test('is read to its end however it is made up', () => {
    const piece = fc.constantFrom(...two.split(/(?<=\r\n)/), '\r\n', conflict, '--', 'x');
    fc.assert(
      fc.property(fc.array(piece), fc.integer({ min: 1, max: 2 }), (pieces, operations) => {
        const outcome = parseTransaction(contentType, pieces.join(''), operations);
        expect([undefined, 'done', 'failed']).toContain(outcome?.kind);
      }),
    );
  });
});

test.each(['W/"1"', '"1"', '""', etags[0]])('%s is an ETag', (etag) => expect(parseEtag(etag)).toBe(etag));
test.each([undefined, null, 1, '', '*', '1', 'w/"1"', '"1', 'W/"1"\r\nX: y', '"a"b"', '"ö"', ' "1"'])(
  '%j is no ETag',
  (etag) => expect(parseEtag(etag)).toBeUndefined(),
);
