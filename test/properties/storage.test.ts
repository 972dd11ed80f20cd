import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { parseEtag, parseTransaction } from '../../shared/azure/table-batch.ts';
import { toNewestFirst } from '../../shared/moment.ts';
import type { StatedReason, SubscriptionName } from '../../shared/names.ts';
import { recordFormat } from '../../shared/rotation/record-format.ts';
import { anyRecord } from '../support/arbitrary-record.ts';
import { sampleHistory } from '../support/sample-record.ts';
import { anyText, moment, some } from './arbitraries.ts';

const hash = fc.stringMatching(/^[0-9a-f]{64}$/);
const label = fc.string({ minLength: 1, maxLength: 60 });

describe('what rotation keeps', () => {
  test('is a receipt that is read as it was written', () => {
    fc.assert(
      fc.property(anyRecord, hash, hash, fc.nat(), (record, key, request, at) => {
        const receipt = { record, subscription: record.subscription, key, request, at };
        expect(recordFormat.readReceipt(recordFormat.writeReceipt(receipt), record.subscription)).toStrictEqual(
          receipt,
        );
      }),
      some,
    );
  });

  test('is a line of history that is read as it was written, with what an operator said', () => {
    const name = 'okq8-core' as SubscriptionName;
    const reason = label.map((text) => text as StatedReason);
    const entry = fc
      .record(
        { at: moment, from: label, to: label, event: label, runner: label, statedReason: reason },
        { noNullPrototype: true },
      )
      .map((changes) => sampleHistory(name, changes));
    fc.assert(
      fc.property(entry, (line) => {
        expect(recordFormat.readHistory(recordFormat.writeHistory(line), name)).toStrictEqual(line);
      }),
      some,
    );
  });
});

describe('the answer to a transaction', () => {
  const etag = fc.stringMatching(/^(W\/)?"[!#-~]{0,20}"$/);
  const boundary = fc.stringMatching(/^[\w'()+,./:=?-]{1,30}$/);
  const answer = (status: string, ...lines: string[]) => [
    'Content-Type: application/http',
    '',
    `HTTP/1.1 ${status}`,
    ...lines,
  ];

  /** As the service writes it: parts of a change set, which is the one part of a batch. */
  const write = (name: string, parts: readonly (readonly string[])[], end: string) => {
    const changes = parts.flatMap((lines) => [`--c${name}`, ...lines]);
    return [
      `--b${name}`,
      `Content-Type: multipart/mixed; boundary=c${name}`,
      '',
      ...changes,
      `--c${name}--`,
      `--b${name}--`,
      '',
    ].join(end);
  };
  const typeOf = (name: string) => `multipart/mixed; boundary=b${name}`;
  const ends = fc.constantFrom('\r\n', '\n');

  test('is every ETag in order, whatever they are, the boundaries are called, and the lines end in', () => {
    fc.assert(
      fc.property(fc.array(etag, { minLength: 1, maxLength: 4 }), boundary, ends, (etags, name, end) => {
        const text = write(
          name,
          etags.map((each) => answer('204 No Content', `ETag: ${each}`, '', '')),
          end,
        );
        expect(parseTransaction(typeOf(name), text, etags.length)).toEqual({ kind: 'done', etags });
        expect(parseTransaction(typeOf(name), text, etags.length + 1)).toBeUndefined();
      }),
      some,
    );
  });

  test('is what failed, with its status and its text', () => {
    const said = fc.json().filter((text) => !text.startsWith('--'));
    fc.assert(
      fc.property(fc.integer({ min: 400, max: 599 }), said, boundary, ends, (status, text, name, end) => {
        const written = write(name, [answer(`${status} No`, '', text)], end);
        expect(parseTransaction(typeOf(name), written, 3)).toEqual({ kind: 'failed', status, text });
      }),
      some,
    );
  });

  test('has no ETag that could not be sent back', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          anyText,
          etag,
          etag.map((text) => `${text}\r\n`),
        ),
        (text) => {
          const read = parseEtag(text);
          if (read === undefined) return;
          expect([read, new Headers({ 'if-match': read }).get('if-match')]).toEqual([text, text]);
        },
      ),
      some,
    );
  });
});

test('of two moments the later comes first in a table', () => {
  fc.assert(
    fc.property(moment, moment, (one, other) => {
      const [first, second] = [toNewestFirst(one), toNewestFirst(other)];
      expect(first < second).toBe(one > other);
      expect([first.length, second.length]).toEqual([16, 16]);
    }),
    some,
  );
});
