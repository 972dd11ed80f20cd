import { BrokerError } from '../../../client/error.ts';
import { readGiven } from '../../../client/header-set.ts';
import { problemOf } from '../../../client/problem.ts';
import { redirected } from '../../../client/redirect.ts';
import { targetOf } from '../../../client/target.ts';
import { createManualClock } from '../../../test/support/manual-clock.ts';
import { readMessage, toResponse } from '../message.ts';
import { expectNoSecret, expectThat, type FuzzTarget } from '../target.ts';

const clock = createManualClock();
const askedAt = { monotonic: clock.monotonic(), wall: clock.wall() };
const base = 'https://api.example/core';
const set = {
  id: 'hs_a',
  api: 'core',
  baseUrl: base,
  headers: { Authorization: 'Bearer CANARY0123' },
  expiresOn: '2026-11-24T03:05:00.000Z',
  refreshOn: '2026-11-24T03:02:30.000Z',
  expiresIn: 300,
  refreshIn: 150,
};

/** An answer of the broker, or of an API, to the client library. */
export const clientAnswer: FuzzTarget = {
  name: 'client-answer',
  seeds: [
    `200\n\n${JSON.stringify(set)}`,
    '429\nretry-after: 5\n\n{"code":"too-many-requests","detail":"Later.","requestId":"1"}',
    '503\nretry-after: Tue, 24 Nov 2026 03:00:30 GMT\n\n<html>CANARY0123</html>',
    '302\nlocation: /core/elsewhere\n\n',
  ],
  attempt: (input) => {
    const response = toResponse(input);
    const { body } = readMessage(input);
    const given = orBrokerError(() => readGiven(body, askedAt));
    if (given) expectThat(Array.from(new Headers(given.set.headers)).length > 0, 'its headers can be sent');
    const { retryAfter } = problemOf(clock, response, body);
    expectThat(retryAfter === undefined || retryAfter >= 0, 'a wait is not negative');
    const next = redirected({ url: `${base}/a`, init: {} }, response);
    if (next) expectThat(new URL(next.url).origin === 'https://api.example', 'credentials stay at their origin');
  },
};

/** A path that the client is asked to call. */
export const clientPath: FuzzTarget = {
  name: 'client-path',
  seeds: ['/a/b?c=d', 'a', '../x', '/%2e%2e/x', 'https://elsewhere.example/', '//elsewhere.example', '/..;/x'],
  attempt: (input) => {
    const target = orBrokerError(() => targetOf(base, input));
    if (target === undefined) return;
    const { origin, pathname } = new URL(target);
    expectThat(origin === 'https://api.example', 'a call stays at its origin');
    expectThat(/^\/core(\/|$)/.test(pathname), 'a call stays below its base URL');
  },
};

/** What the library reads, or `undefined` where it refuses, without a secret of the input in what it says. */
export function orBrokerError<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof BrokerError)) throw error;
    expectNoSecret(error.message);
    return undefined;
  }
}
