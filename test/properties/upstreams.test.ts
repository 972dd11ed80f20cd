import { beforeAll, describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { problemOf } from '../../client/problem.ts';
import { issueClientCertificate } from '../../local/stand-ins/certificates.ts';
import { withAnswers } from '../../scripts/fuzz/message.ts';
import { orRefusal, orRefused } from '../../scripts/fuzz/target.ts';
import { toListedKeys } from '../../shared/azure/listed-keys.ts';
import { createPortalSessions, toAuthorization } from '../../shared/azure/portal-session.ts';
import { readText } from '../../shared/azure/read-text.ts';
import { parseRetryAfter } from '../../shared/azure/retry-after.ts';
import { readCertificate } from '../../shared/certificate.ts';
import { isHeaderValue } from '../../shared/header-value.ts';
import { Secret } from '../../shared/secret.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { anyText, credential, few, json, madeOf, some } from './arbitraries.ts';

const clock = createManualClock();
const now = Math.ceil(clock.wall() / 1_000) * 1_000;
const signal = new AbortController().signal;

describe('Retry-After', () => {
  /** What the broker waits, and what the client library does, in seconds. */
  const read = (value: string) => [
    parseRetryAfter(value, now),
    problemOf({ ...clock, wall: () => now }, new Response(null, { headers: { 'retry-after': value } }), '').retryAfter,
  ];

  test('is the seconds or the date that it says; the broker waits no longer than a minute', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 999_999_999 }), (seconds) => {
        const ms = Math.min(seconds * 1_000, 60_000);
        expect(read(String(seconds))).toEqual([ms, seconds]);
        expect(read(new Date(now + seconds * 1_000).toUTCString())).toEqual([ms, seconds]);
        expect(read(new Date(now - seconds * 1_000).toUTCString())).toEqual([0, 0]);
      }),
      some,
    );
  });

  test('that is neither says nothing', () => {
    const words = madeOf('-', '+', '.', '1', '2099', ' ', 'e', ',', 'Nov', 'x', 'Z', ':');
    fc.assert(
      fc.property(
        words.filter((text) => !/^\s*\d{1,9}\s*$/.test(text)),
        (text) => {
          expect(read(text)).toEqual([undefined, undefined]);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('keys', () => {
  test('are listed as they were written, and two', () => {
    fc.assert(
      fc.property(credential, fc.option(credential), (primary, other) => {
        const secondary = other ?? primary;
        const keys = orRefusal(() => toListedKeys(primary, secondary));
        const read = keys && [keys.primary.open(), keys.secondary.open()];
        expect(read).toEqual(primary === secondary ? undefined : [primary, secondary]);
      }),
      some,
    );
  });

  test('that could not be sent are refused, both of them', () => {
    fc.assert(
      fc.property(fc.oneof(json, anyText, credential), credential, fc.boolean(), (odd, good, isFirst) => {
        const keys = orRefusal(() => (isFirst ? toListedKeys(odd, good) : toListedKeys(good, odd)));
        const isGood = typeof odd === 'string' && isHeaderValue(odd) && odd !== good;
        expect(keys !== undefined).toBe(isGood);
      }),
      some,
    );
  });
});

test('a portal’s token is carried as it came, quoted or not, and one that is none is refused', async () => {
  const user = fc.stringMatching(/^[\w-]{1,20}$/);
  const signature = fc.stringMatching(/^[\w+/]{1,40}={0,2}$/);
  const end = fc.integer({ min: now + 60_000, max: now + 86_400_000 }).map((ms) => new Date(ms));
  const toTime = (date: Date) => date.toISOString().replaceAll(/[-:T]/g, '').slice(0, 12);
  const credentials = { email: 'a@example.com', password: async () => new Secret('p') };
  const options = { url: 'https://portal.example', credentials, upstreamTimeoutMs: 1_000, onFailure: () => {} };
  const property = fc.asyncProperty(
    user,
    end,
    signature,
    fc.boolean(),
    fc.boolean(),
    async (id, date, sign, isQuoted, isWhole) => {
      const token = [id, toTime(date).slice(0, isWhole ? 12 : 11), sign].join('&');
      const header = isQuoted ? `token="${token}",refresh="true"` : token;
      const answer = `200\nocp-apim-sas-token: ${header}\n\n${JSON.stringify({ id })}`;
      const session = await withAnswers([answer], () => orRefused(createPortalSessions(clock, options).get(signal)));
      const expected = { authorization: `SharedAccessSignature token="${token}",refresh="true"` };
      expect(session && toAuthorization(session)).toEqual(isWhole ? expected : undefined);
    },
  );
  await fc.assert(property, few);
});

describe('a certificate', () => {
  let [own, key, other] = ['', '', ''];
  beforeAll(async () => {
    const { stored, cert } = await issueClientCertificate('own', 1);
    own = cert.trim();
    key = stored.replace(cert, '').trim();
    other = (await issueClientCertificate('other', 1)).cert.trim();
  });

  test('is found in whatever order it stands with its key and chain, whatever is between', () => {
    const order = fc.shuffledSubarray([0, 1, 2], { minLength: 3 });
    const between = fc.constantFrom('\n', '\r\n', '\nBag Attributes\n  localKeyID: 01\n');
    const { thumbprint } = readCertificate(new Secret(`${key}\n${own}`));
    fc.assert(
      fc.property(order, between, (places, text) => {
        const parts = places.map((place) => [own, key, other][place] ?? '');
        const read = readCertificate(new Secret(parts.join(text)));
        expect(read.thumbprint).toBe(thumbprint);
        expect(read.chain.split(/(?=-----BEGIN)/).map((each) => each.trim())).toEqual([own, other].map(unix));
      }),
      few,
    );
  });

  test('that lacks a part of itself or of its key is refused, and nothing of it told', () => {
    const whole = `${key}\n${own}`;
    fc.assert(
      fc.property(fc.nat(whole.length - 30), fc.integer({ min: 1, max: 29 }), (at, length) => {
        const broken = whole.slice(0, at) + whole.slice(at + length);
        const read = orRefusal(() => readCertificate(new Secret(broken)));
        expect(read?.thumbprint ?? 'f'.repeat(64)).toMatch(/^[0-9a-f]{64}$/);
      }),
      some,
    );
  });
});

const unix = (text: string) => text.replaceAll('\r\n', '\n');

test('an answer is read to its end however it comes in pieces, and not beyond its limit', async () => {
  const pieces = fc.array(fc.uint8Array({ maxLength: 20 }), { maxLength: 8 });
  const property = fc.asyncProperty(pieces, fc.nat(120), async (chunks, longest) => {
    const whole = Buffer.concat(chunks);
    const reading = readText(new Response(ReadableStream.from(chunks)), longest);
    const read = await reading.catch((error: unknown) => Object(error).name);
    expect(read).toBe(whole.length > longest ? 'RangeError' : whole.toString('utf8'));
  });
  await fc.assert(property, some);
});
