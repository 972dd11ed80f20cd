import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import * as z from 'zod/mini';
import { orRefusal, orRefused } from '../../scripts/fuzz/target.ts';
import { readAuditQuery } from '../../shared/http/audit-query.ts';
import { readBody } from '../../shared/http/body.ts';
import { idempotencyKeyPattern, readIdempotencyKey } from '../../shared/http/idempotency-key.ts';
import { readQuery } from '../../shared/http/query.ts';
import { readSidecarOptions } from '../../shared/http/sidecar-options.ts';
import { requestOf } from '../shared/http/exchange.ts';
import { createHeadersFixture } from '../shared/http/offers.ts';
import { anyText, few, json, madeOf, some } from './arbitraries.ts';

const url = 'https://broker.example/v1/x';

test('a sidecar’s options of any form are read or refused', async () => {
  const value = fc.oneof(json, fc.constantFrom('true', true, 'FALSE'));
  const nested = fc.tuple(fc.constantFrom('ForceRefresh', 'forcerefresh', 'Tenant'), value);
  const options = fc.oneof(
    json,
    nested.map(([name, given]) => ({ AcquireTokenOptions: { [name]: given } })),
  );
  await fc.assert(
    fc.asyncProperty(options, async (given) => {
      const request = requestOf({
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: { bytes: Buffer.from(JSON.stringify(given)) },
      });
      const read = await orRefused(readSidecarOptions(request));
      expect(typeof (read?.forceRefresh ?? false)).toBe('boolean');
    }),
    { ...some, examples: [[{ AcquireTokenOptions: { ForceRefresh: [{ toString: null }] } }]] },
  );
});

describe('a query', () => {
  const names = fc.uniqueArray(fc.constantFrom('caller', 'since', 'until', 'limit'), { minLength: 1 });
  const wellFormed = anyText.map((text) => text.toWellFormed());

  test('is read as it was written, whatever its values are', () => {
    fc.assert(
      fc.property(names, fc.array(wellFormed, { minLength: 4, maxLength: 4 }), (given, values) => {
        const pairs = given.map((name, index): [string, string] => [name, values[index] ?? '']);
        const query = new URLSearchParams(pairs).toString();
        expect(Array.from(readQuery(`${url}?${query}`, given))).toEqual(pairs);
        const [first = ''] = given;
        expect(orRefusal(() => readQuery(`${url}?${query}&${first}=`, given))).toBeUndefined();
        expect(orRefusal(() => readQuery(`${url}?${query}`, given.slice(1)))).toBeUndefined();
      }),
      some,
    );
  });

  test('of the trail has its moments read in any zone, to the millisecond', () => {
    const since = fc.integer({ min: Date.UTC(1971), max: Date.UTC(2090) });
    const offset = fc.integer({ min: -14 * 60, max: 14 * 60 });
    fc.assert(
      fc.property(
        since,
        fc.nat(31 * 86_400_000),
        offset,
        fc.integer({ min: 1, max: 1_000 }),
        (from, length, zone, limit) => {
          const query = new URLSearchParams({
            caller: 'billing',
            since: inZone(from, zone),
            until: inZone(from + length, -zone),
            limit: String(limit),
          });
          const expected = { trail: 'billing', sinceMs: from, untilMs: from + length, limit };
          expect(readAuditQuery(`${url}?${query.toString()}`, 0)).toEqual(expected);
        },
      ),
      some,
    );
  });

  test('of the trail asks for a month at most, and a thousand records, whatever it says', () => {
    const part = madeOf(
      'since=',
      'until=',
      'limit=',
      'caller=billing',
      '&',
      '5d',
      '0',
      '9',
      '-',
      '2026-11-01T00:00:00',
      'Z',
      '%2B01:00',
    );
    fc.assert(
      fc.property(part, (query) => {
        const read = orRefusal(() => readAuditQuery(`${url}?caller=billing&${query}`, Date.UTC(2026, 10, 24)));
        if (!read) return;
        expect(read.untilMs - read.sinceMs).toBeGreaterThanOrEqual(0);
        expect(read.untilMs - read.sinceMs).toBeLessThanOrEqual(31 * 86_400_000);
        expect([1, read.limit, 1_000].toSorted((a, b) => a - b)[1]).toBe(read.limit);
      }),
      some,
    );
  });
});

/** RFC 3339 with an offset in minutes. */
function inZone(ms: number, minutes: number): string {
  const two = (value: number) => String(Math.trunc(value)).padStart(2, '0');
  const length = Math.abs(minutes);
  const local = new Date(ms + minutes * 60_000).toISOString().slice(0, -1);
  return `${local}${minutes < 0 ? '-' : '+'}${two(length / 60)}:${two(length % 60)}`;
}

describe('a body', () => {
  const post = (bytes: Uint8Array | string) =>
    requestOf({ method: 'POST', headers: { 'content-type': 'application/json' }, body: { bytes: Buffer.from(bytes) } });
  const read = (bytes: Uint8Array | string) => orRefused(readBody(post(bytes), z.unknown(), 4_096));

  test('is read as it was written', async () => {
    await fc.assert(
      fc.asyncProperty(json, async (value) => expect(await read(JSON.stringify(value))).toEqual(value)),
      some,
    );
  });

  test('that says a member twice, or one that a schema passes over, is refused, however deep', async () => {
    const name = fc.constantFrom('a', 'reason', '\u0061');
    const wrap = fc.array(fc.constantFrom('[', '{"in":'), { maxLength: 5 });
    const closed = (opened: readonly string[]) =>
      opened
        .map((each) => (each === '[' ? ']' : '}'))
        .toReversed()
        .join('');
    await fc.assert(
      fc.asyncProperty(name, wrap, fc.boolean(), async (twice, around, isReserved) => {
        const inner = isReserved ? '{"__proto__":{}}' : `{"${twice}":1,"b":2,"${twice}":1}`;
        expect(await read(around.join('') + inner + closed(around))).toBeUndefined();
      }),
      some,
    );
  });

  test('of any bytes is read or refused, and refused beyond its length', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 64 }), async (bytes) => void (await read(bytes))),
      some,
    );
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 4_095, max: 5_000 }), async (length) => {
        expect((await read(`"${'x'.repeat(length - 2)}"`)) === undefined).toBe(length > 4_096);
      }),
      few,
    );
  });
});

test('an Idempotency-Key is taken as it is, or refused', () => {
  const text = fc.oneof(fc.uuid(), madeOf('a', 'Z', '0', '_', '.', ':', '-', ',', '/', 'x'.repeat(64)));
  fc.assert(
    fc.property(text, (key) => {
      const read = orRefusal(() => readIdempotencyKey(requestOf({ headers: { 'idempotency-key': key } })));
      expect(read).toBe(idempotencyKeyPattern.test(key) ? key : undefined);
    }),
    some,
  );
});

test('of two forms a caller is given the one that it prefers', async () => {
  const weight = fc.integer({ min: 1, max: 1_000 });
  const { ask } = createHeadersFixture();
  await fc.assert(
    fc.asyncProperty(weight, weight, fc.boolean(), async (json_, text, isTextFirst) => {
      const ranges = [`application/json;q=${json_ / 1_000}`, `text/plain;q=${text / 1_000}`];
      const accept = (isTextFirst ? ranges.toReversed() : ranges).join(', ');
      const isText = text === json_ ? isTextFirst : text > json_;
      const { headers } = await ask('core', '', { accept });
      expect(headers['Content-Type']?.startsWith('text/plain')).toBe(isText);
    }),
    some,
  );
});

test('a sidecar’s option is read in any case', async () => {
  const name = Array.from('optionsOverride.AcquireTokenOptions.ForceRefresh');
  const cases = fc.array(fc.boolean(), { minLength: name.length, maxLength: name.length });
  await fc.assert(
    fc.asyncProperty(cases, fc.boolean(), async (upper, forceRefresh) => {
      const written = name.map((each, at) => (upper[at] ? each.toUpperCase() : each.toLowerCase())).join('');
      const value = upper[0] ? String(forceRefresh).toUpperCase() : String(forceRefresh);
      expect(await readSidecarOptions(requestOf({ url: `${url}?${written}=${value}` }))).toEqual({ forceRefresh });
    }),
    few,
  );
});
