import { expect, test } from '@jest/globals';
import { createCallPlaces } from '../../../shared/call/places.ts';
import type { ApiCall, CallApi } from '../../../shared/call/ports.ts';
import { BrokerError } from '../../../shared/errors.ts';
import { createRepeat, type DecidedCall } from '../../../shared/http/call-repeat.ts';
import { createCallRoute } from '../../../shared/http/call.ts';
import type { Fingerprint } from '../../../shared/names.ts';
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
