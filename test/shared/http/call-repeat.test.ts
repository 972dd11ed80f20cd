import { describe, expect, test } from '@jest/globals';
import { createCallPlaces } from '../../../shared/call/places.ts';
import type { ApiCall, CallApi } from '../../../shared/call/ports.ts';
import type { Rejections } from '../../../shared/credentials/rejections.ts';
import { BrokerError } from '../../../shared/errors.ts';
import { createRepeat, type DecidedCall } from '../../../shared/http/call-repeat.ts';
import { createCallRoute } from '../../../shared/http/call.ts';
import type { ApiName, Fingerprint } from '../../../shared/names.ts';
import { Secret } from '../../../shared/secret.ts';
import type { AuditFacts } from '../../../shared/telemetry/audit.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { exchangeOf, signal } from './exchange.ts';
import { needing } from './offers.ts';

const refused = Buffer.from('{"statusCode": 401, "message": "Unauthorized. Access token is missing or invalid."}');
const setOf = (id: string) => ({
  id,
  headers: [],
  lifeMs: 300_000,
  key: 'k' as Fingerprint,
  token: 't' as Fingerprint,
});
const call: ApiCall = {
  url: new URL('https://api.example/payments/x'),
  method: 'POST',
  headers: [],
  credentials: [],
  body: Buffer.from('body'),
};
const decided: DecidedCall = { call, requirement: needing('.default'), set: setOf('hs_first'), facts: {} };

/** A call that the API always refuses, while the broker has another token. */
function createFixture(record: () => Promise<void>) {
  const calls: ApiCall[] = [];
  const repeat = createRepeat({
    clock: createManualClock(),
    rejections: {
      reject: async () => ({ set: setOf('hs_second'), rejection: { credential: 'token', action: 'replaced' } }),
    },
    record,
  });
  const callApi: CallApi = async (one) => {
    calls.push(one);
    return { status: 401, headers: [], body: refused };
  };
  const route = createCallRoute(async () => decided, repeat, { callApi, places: createCallPlaces() });
  return { calls, answer: route(exchangeOf(), signal) };
}

test('a repeat waits until its record is accepted', async () => {
  let acceptNow = () => {};
  const accepted = new Promise<void>((resolve) => (acceptNow = resolve));
  const { calls, answer } = createFixture(() => accepted);
  await new Promise((resolve) => setImmediate(resolve));
  expect(calls).toHaveLength(1);
  acceptNow();
  expect(await answer).toMatchObject({ status: 401 });
  expect(calls).toHaveLength(2);
});

test('without its record there is no repeat, and what the API answered stands', async () => {
  const { calls, answer } = createFixture(() => Promise.reject(new BrokerError('audit-unavailable')));
  expect(await answer).toMatchObject({ status: 401, body: refused });
  expect(calls).toHaveLength(1);
});

describe('what an API answers', () => {
  type Report = Parameters<Rejections['reject']>[0];

  const renewed = [{ name: 'Authorization', value: new Secret('Bearer second') }] as const;

  /** Decides on a repeat where the broker finds what is given; with what was reported and recorded. */
  function createDecision(
    found: () => ReturnType<Rejections['reject']> = async () => ({
      set: { ...setOf('hs_second'), headers: renewed },
      rejection: { credential: 'token', action: 'replaced' },
    }),
  ) {
    const reports: Report[] = [];
    const records: AuditFacts[] = [];
    const repeat = createRepeat({
      clock: createManualClock(),
      rejections: {
        reject: (report) => {
          reports.push(report);
          return found();
        },
      },
      record: async (_exchange, facts) => void records.push(facts),
    });
    const decide = (status: number, body: string | Uint8Array) =>
      repeat(
        { ...decided, facts: { api: 'payments' as ApiName } },
        { status, headers: [], body: Buffer.from(body) },
        exchangeOf(),
        signal,
      );
    return { decide, reports, records };
  }

  test('is a reason to call once more, alike but for the credentials, where it refused one that is renewed', async () => {
    const { decide, reports, records } = createDecision();
    expect(await decide(401, refused)).toEqual({ ...call, credentials: renewed });
    expect(reports).toEqual([
      { requirement: needing('.default'), id: 'hs_first', status: 401, body: refused.toString() },
    ]);
    expect(records).toEqual([
      {
        api: 'payments',
        key: 'k',
        token: 't',
        expiresOn: '2026-11-24T03:05:00.000Z',
        rejected: 'token',
        rejection: 'replaced',
      },
    ]);
  });

  test.each([
    ['is no refusal', 200, refused.toString()],
    ['forbids it', 403, refused.toString()],
    ['asks for less', 429, refused.toString()],
    ['is a 401 of its own', 401, 'Unauthorized'],
    ['says so only past its first 4096 bytes', 401, ' '.repeat(4_096) + refused.toString()],
  ])('stands where it %s, and nothing is looked into', async (_what, status, body) => {
    const { decide, reports, records } = createDecision();
    expect(await decide(status, body)).toBeUndefined();
    expect([reports, records]).toEqual([[], []]);
  });

  test('is read no further than 4096 bytes', async () => {
    const { decide, reports } = createDecision();
    await decide(401, refused.toString().padEnd(4_096, 'x') + 'y');
    expect(reports[0]?.body).toHaveLength(4_096);
    expect(reports[0]?.body).not.toContain('y');
  });

  test('stands where the broker has nothing else by now', async () => {
    const { decide, records } = createDecision(async () => ({
      set: setOf('hs_first'),
      rejection: { credential: 'token', action: 'limited' },
    }));
    expect(await decide(401, refused)).toBeUndefined();
    expect(records).toEqual([]);
  });

  test('stands where the broker cannot look into it', async () => {
    const { decide } = createDecision(() => Promise.reject(new BrokerError('entra-unavailable')));
    expect(await decide(401, refused)).toBeUndefined();
  });

  test.each([new TypeError('a defect'), new BrokerError('unexpected')])(
    'does not hide a defect of the broker: %p',
    async (error) => {
      const { decide } = createDecision(async () => {
        throw error;
      });
      await expect(decide(401, refused)).rejects.toBe(error);
    },
  );
});

test('an answer that stands is passed on, with its status and without what is the broker’s to say', async () => {
  const route = createCallRoute(
    async () => decided,
    async () => undefined,
    {
      places: createCallPlaces(),
      callApi: async () => ({
        status: 207,
        headers: [
          ['x-api', '1'],
          ['set-cookie', 'a=b'],
        ],
        body: Buffer.from('answer'),
      }),
    },
  );
  const { status, headers, body } = await route(exchangeOf(), signal);
  expect([status, headers['x-api'], headers['set-cookie'], Buffer.from(body).toString()]).toEqual([
    207,
    '1',
    undefined,
    'answer',
  ]);
});
