import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { problemCodes } from '../../client/error.ts';
import { isExpired, readGiven } from '../../client/header-set.ts';
import { readOptions } from '../../client/options.ts';
import { problemOf } from '../../client/problem.ts';
import { redirected } from '../../client/redirect.ts';
import { targetOf } from '../../client/target.ts';
import { orBrokerError } from '../../scripts/fuzz/targets/client.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { anyText, credential, few, json, madeOf, some, oddPathPieces } from './arbitraries.ts';
import { readingsOf } from './readings.ts';

const clock = createManualClock();
const askedAt = { monotonic: clock.monotonic(), wall: clock.wall() };
const base = 'https://api.example/core';
const segment = fc.stringMatching(/^[\w~!$&'()*+,=@-][\w.~!$&'()*+,=:@-]{0,8}$/);

describe('the client library', () => {
  const set = fc.record(
    {
      id: fc.string(),
      api: segment,
      baseUrl: fc.webUrl(),
      headers: fc.dictionary(fc.stringMatching(/^[A-Z][\w-]{0,9}$/), credential, { minKeys: 1, maxKeys: 3 }),
      expiresOn: fc.string(),
      refreshOn: fc.string(),
    },
    { noNullPrototype: true },
  );

  const sample = {
    id: 'hs_a',
    api: 'a',
    baseUrl: 'https://a.example',
    headers: { A: 'b' },
    expiresOn: '',
    refreshOn: '',
  };

  test('reads a header set as the broker wrote it, and keeps it as long as it says', () => {
    fc.assert(
      fc.property(set, fc.integer({ min: 1, max: 86_400 }), (written, expiresIn) => {
        const given = readGiven(JSON.stringify({ ...written, expiresIn, refreshIn: expiresIn / 2 }), askedAt);
        expect(JSON.parse(JSON.stringify(given.set))).toEqual(JSON.parse(JSON.stringify(written)));
        expect([given.refreshMs, given.expiryMs]).toEqual([expiresIn * 500, expiresIn * 1_000]);
        const at = (ms: number) => ({
          ...clock,
          monotonic: () => askedAt.monotonic + ms,
          wall: () => askedAt.wall + ms,
        });
        expect([isExpired(at(given.expiryMs - 1), given), isExpired(at(given.expiryMs), given)]).toEqual([false, true]);
      }),
      some,
    );
  });

  test('takes nothing for a header set whose headers could not be sent', () => {
    const member = fc.constantFrom('id', 'api', 'baseUrl', 'headers', 'expiresOn', 'expiresIn', 'refreshIn');
    fc.assert(
      fc.property(set, member, fc.oneof(json, fc.dictionary(anyText, anyText)), (written, name, value) => {
        const text = JSON.stringify({ ...written, expiresIn: 9, refreshIn: 4, [name]: value });
        const given = orBrokerError(() => readGiven(text, askedAt));
        if (!given) return;
        expect(Array.from(new Headers(given.set.headers)).length).toBeGreaterThan(0);
        expect(URL.canParse(given.set.baseUrl) && Number.isFinite(given.expiryMs)).toBe(true);
      }),
      {
        ...some,
        examples: [
          [sample, 'baseUrl', { toString: null }],
          [sample, 'baseUrl', ['https://a.example']],
          [sample, 'headers', ['null']],
        ],
      },
    );
  });

  test('tells a problem of the broker’s with all that it says', () => {
    const said = fc.record({ code: fc.constantFrom(...problemCodes), detail: fc.string(), requestId: fc.uuid() });
    fc.assert(
      fc.property(
        said,
        fc.integer({ min: 400, max: 599 }),
        fc.nat(3_600),
        ({ code, detail, requestId }, status, wait) => {
          const response = new Response(null, { status, headers: { 'retry-after': String(wait) } });
          const problem = problemOf(clock, response, JSON.stringify({ code, detail, requestId }));
          expect(problem).toMatchObject({ code, status, requestId, retryAfter: wait });
          expect(problem.message).toContain(detail);
        },
      ),
      some,
    );
  });

  test('calls a path below the base URL as it is written', () => {
    const path = fc.array(segment, { minLength: 1, maxLength: 4 }).map((segments) => segments.join('/'));
    fc.assert(
      fc.property(
        path.filter((text) => !/^[a-z][\w+.-]*:/i.test(text)),
        fc.boolean(),
        (written, hasSlash) => {
          const { href } = new URL(`${base}/${written}`);
          expect(targetOf(base, hasSlash ? `/${written}` : written)).toBe(href);
        },
      ),
      some,
    );
  });

  test('calls none that leaves it, however often a server decodes it', () => {
    const odd = madeOf(...oddPathPieces, ';x', '//', 'https:', '@b', '?', '#', '\t', '\n');
    fc.assert(
      fc.property(odd, (written) => {
        const target = orBrokerError(() => targetOf(base, written));
        if (target === undefined) return;
        expect(target.startsWith('https://api.example/core')).toBe(true);
        for (const text of readingsOf(new URL(target).pathname)) {
          expect(new URL(`https://api.example${text}`).pathname).toMatch(/^\/core(\/|$)/);
        }
      }),
      { numRuns: 400 },
    );
  });

  test('follows a redirection to nowhere but the same origin', () => {
    const location = fc.oneof(
      fc.webUrl(),
      madeOf('/', '//', '\\', 'https:', 'http:', 'api.example', '@', 'evil.example', ':443', ':8443', '?', '..'),
    );
    const status = fc.constantFrom(300, 301, 302, 303, 304, 307, 308);
    fc.assert(
      fc.property(location, status, fc.constantFrom('GET', 'POST', 'PUT'), (to, answered, method) => {
        const response = new Response(null, { status: answered, headers: { location: to } });
        const next = redirected({ url: `${base}/a`, init: { method } }, response);
        if (!next) return;
        const { origin, username, password } = new URL(next.url);
        expect([origin, username, password]).toEqual(['https://api.example', '', '']);
        const becomesGet = answered === 303 || (answered < 303 && method === 'POST');
        expect(next.init.method).toBe(becomesGet ? 'GET' : method);
      }),
      some,
    );
  });

  test('takes a broker’s address with or without a slash at its end, and none that is not TLS', () => {
    const withoutToken = { getToken: async () => null };
    const host = fc.tuple(fc.constantFrom('https', 'http'), fc.oneof(fc.domain(), fc.constant('127.0.0.1')));
    fc.assert(
      fc.property(host, fc.constantFrom('', '/', '//', '/a', '/a/'), ([scheme, name], path) => {
        const read = orBrokerError(() =>
          readOptions({ brokerUrl: `${scheme}://${name}${path}`, credential: withoutToken }),
        );
        const isTaken = scheme === 'https' || name === '127.0.0.1';
        expect(read?.brokerUrl).toBe(isTaken ? `${scheme}://${name}${path.replace(/\/+$/, '')}` : undefined);
      }),
      few,
    );
  });
});
