import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { orRefusal } from '../../scripts/fuzz/target.ts';
import { fromApiHeaders, toApiHeaders } from '../../shared/call/headers.ts';
import { readTarget } from '../../shared/call/target.ts';
import { madeOf, some, oddPathPieces } from './arbitraries.ts';
import { readingsOf } from './readings.ts';

describe('a call', () => {
  const segment = fc.stringMatching(/^[\w~!$&'()*+,=:@-][\w.~!$&'()*+,=:@-]{0,8}$/);
  const path = fc.array(segment, { maxLength: 5 }).map((segments) => segments.map((each) => `/${each}`).join(''));

  test('has a plain path taken as it was written', () => {
    fc.assert(
      fc.property(path, (written) => {
        expect(readTarget(`https://broker.example/v1/call/core${written}`)).toEqual({
          api: 'core',
          path: written,
          query: '',
        });
      }),
      some,
    );
  });

  test('stays below its API, however often a server decodes the path, and carries no key in its query', () => {
    const odd = madeOf(...oddPathPieces, ';', '%25', '％２ｅ', '．', '%00', ' ');
    const query = madeOf('&', 'subscription-key=x', 'Subscription%2DKey=x', 'a=1', '=', '+', '%73ubscription-key');
    fc.assert(
      fc.property(odd, query, (written, search) => {
        const read = orRefusal(() => readTarget(`https://broker.example/v1/call/core/${written}?${search}`));
        if (!read) return;
        for (const text of readingsOf(read.path)) {
          expect(new URL(`https://api.example/core${text}`).pathname).toMatch(/^\/core(\/|$)/);
        }
        const names = Array.from(new URLSearchParams(read.query).keys(), (name) => name.toLowerCase());
        expect(names.filter((name) => name.includes('subscription-key'))).toEqual([]);
      }),
      { numRuns: 400 },
    );
  });

  test('and its answer have no header of a connection, and none that says who somebody is', () => {
    const name = fc.constantFrom(
      'connection',
      'x-a',
      'x-b',
      'accept',
      'cookie',
      'authorization',
      'set-cookie',
      'ocp-apim-subscription-key',
      'via',
    );
    const value = fc.oneof(madeOf('x-a', ',', ' ', 'X-B', 'close', 'accept'), fc.stringMatching(/^[ -~]{0,9}$/));
    const kept = new Set(['x-a', 'x-b', 'accept', 'accept-encoding', 'via']);
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value), { maxLength: 12 }), (headers) => {
        const lists = headers.flatMap(([each, list]) => (each === 'connection' ? list.split(',') : []));
        const named = new Set(lists.map((each) => each.trim().toLowerCase()));
        const sent = toApiHeaders(headers).map(([each]) => each);
        const answered = Object.keys(fromApiHeaders(headers));
        expect([...sent, ...answered].filter((each) => !kept.has(each))).toEqual([]);
        expect([...sent, ...answered].filter((each) => named.has(each) && each !== 'via')).toEqual([]);
        expect([sent.includes('via'), answered.includes('via')]).toEqual([true, true]);
      }),
      some,
    );
  });

  test('carries on every other header, in order', () => {
    const pairs = fc.array(fc.tuple(fc.stringMatching(/^x-[a-z]{3}$/), fc.stringMatching(/^[!-~]{1,9}$/)), {
      maxLength: 6,
    });
    fc.assert(
      fc.property(pairs, (headers) => {
        expect(toApiHeaders(headers).slice(0, headers.length)).toEqual(headers);
        const joined = Map.groupBy(headers, ([name]) => name);
        const answered = Object.entries(fromApiHeaders(headers)).filter(([name]) => name !== 'via');
        expect(new Map(answered)).toEqual(
          new Map(Array.from(joined, ([name, all]) => [name, all.map(([, each]) => each).join(', ')])),
        );
      }),
      some,
    );
  });
});
